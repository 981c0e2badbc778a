"use strict";
(() => {
  const form = document.querySelector("form.controls");
  if (!form) return;
  const items = [...document.querySelectorAll(".item")];
  const lists = [...document.querySelectorAll(".list")];
  const filters = [...form.querySelectorAll("[data-filter]")];
  const text = document.getElementById("filter-text");
  const sort = document.getElementById("sort");
  const shown = document.getElementById("shown");
  const filtered = document.getElementById("filtered");
  const apart = document.getElementById("abstained");
  const asked = document.getElementById("asked");
  const noun = form.dataset.noun || "interventions";
  const plain = (s) => s.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/\s+/g, " ").toLowerCase();
  const said = (item) => plain([...item.children].map((part) => (part.matches(".tools") ? "" : part.textContent)).join(" "));
  const texts = new Map(items.map((item) => [item, said(item)]));
  const collator = new Intl.Collator("en");
  const ranks = { critical: 0, mixed: 1, supportive: 2, none: 3 };

  // A print shows everything, whatever the filters say.
  let printing = false, working;

  // An item that is being worked on stays, whatever the filters say.
  const show = (kept) => {
    working = kept;
    const words = printing ? "" : plain(text.value).trim();
    let count = 0;
    for (const item of items) {
      const fits = filters.every(({ value, dataset }) =>
        printing || !value || (dataset.filter === "themes" ? item.dataset.themes.split(" ").includes(value) : item.dataset[dataset.filter] === value));
      item.hidden = item !== kept && !(fits && texts.get(item).includes(words));
      count += !item.hidden;
    }
    for (const list of lists) list.hidden = items.length > 0 && list.querySelector(".item:not([hidden])") === null;
    shown.textContent = `Showing ${count} of ${items.length} ${noun}`;
    filtered.textContent = count < items.length ? `A filter is on: ${count} of ${items.length} ${noun} are shown.` : "";
    if (apart) hideEmpty();
  };

  // What is said of interventions goes with them; a section goes when the filters empty all of it.
  const hideEmpty = () => {
    const emptied = (all) => all.length > 0 && all.every((one) => one.hidden);
    const lines = [...apart.querySelectorAll("[data-item]")];
    for (const line of lines) line.hidden = document.getElementById(line.dataset.item).hidden;
    const there = [...apart.querySelectorAll(".item")];
    asked.hidden = emptied(there) || (emptied(lines) && !there.length);
    document.getElementById("unsure").hidden = emptied(lines);
    apart.hidden = emptied([...there, ...lines]);
  };

  const order = () => {
    const key = sort.value.replace(/^-/, "");
    const sign = sort.value.startsWith("-") ? -1 : 1;
    const compare = (a, b) => {
      const [x, y] = [a.dataset[key], b.dataset[key]];
      // What has nothing to be sorted by comes last, whichever way.
      if (!x || !y) return !x - !y || a.dataset.row - b.dataset.row;
      const by = key === "name" ? collator.compare(x, y) : key === "stance" ? ranks[x] - ranks[y] : x - y;
      return sign * by || a.dataset.row - b.dataset.row;
    };
    for (const list of lists) {
      const home = list.querySelector(".item")?.parentNode;
      const there = home ? [...home.querySelectorAll(":scope > .item")] : [];
      const sorted = [...there].sort(compare);
      // What is put elsewhere loses its focus.
      if (sorted.some((item, place) => item !== there[place])) home.append(...sorted);
    }
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  // Some ways of choosing from a list tell of the change alone.
  for (const kind of ["input", "change"])
    form.addEventListener(kind, (event) => (event.target === sort ? order() : show()));
  form.addEventListener("recount", ({ detail }) => { texts.set(detail, said(detail)); order(); show(detail); });
  form.addEventListener("reset", () => setTimeout(() => { order(); show(); }));

  for (const name of document.querySelectorAll("[data-show-theme]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...name.childNodes);
    button.title = "Show the interventions on this theme";
    button.addEventListener("click", () => {
      form.reset();
      document.getElementById("filter-themes").value = name.dataset.showTheme;
      setTimeout(() => {
        show();
        const goal = document.getElementById("interventions");
        goal.scrollIntoView();
        goal.focus({ preventScroll: true });
      });
    });
    name.append(button);
  }

  // A link must never lead to what a filter hides.
  const reveal = (hash) => {
    const goal = hash.length > 1 && document.getElementById(hash.slice(1));
    if (!goal || !goal.closest("[hidden]")) return;
    form.reset();
    setTimeout(() => goal.scrollIntoView());
  };
  window.addEventListener("hashchange", () => reveal(location.hash));
  document.addEventListener("click", ({ target }) => {
    const link = target.closest?.("a[href^='#']");
    if (link) reveal(link.hash);
  });

  window.addEventListener("beforeprint", () => { printing = true; show(working); });
  window.addEventListener("afterprint", () => { printing = false; show(working); });

  if (navigator.clipboard) {
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.parentNode.hidden = false;
      button.addEventListener("click", async () => {
        const status = button.parentNode.querySelector("[role=status]");
        try {
          await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
          status.textContent = "Copied.";
        } catch {
          status.textContent = "The browser does not allow it; select the sentence instead.";
        }
      });
    }
  }

  const scroll = document.querySelector(".scroll");
  if (scroll) {
    const sideways = document.getElementById("sideways");
    new ResizeObserver(() => { sideways.hidden = scroll.scrollWidth <= scroll.clientWidth + 4; }).observe(scroll);
  }

  form.hidden = false;
  show();
  order();
})();
