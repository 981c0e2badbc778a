// The pages' own behaviour: sending a debate, watching it, correcting its report.

const $ = (id) => document.getElementById(id);

async function ask(method, path, body) {
  const options = { method, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The server does not answer. Is it still running?");
  }
  if (answer.status === 204) return null;
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(refusal(found, answer.status));
  return found;
}

const refusal = ({ error }, status) =>
  error ? `${error[0].toUpperCase()}${error.slice(1)}.` : `The server answered ${status}.`;

function tell(message) {
  const problem = $("problem");
  problem.textContent = message;
  problem.hidden = !message;
}

// Where a debate is given.

function startPage(form) {
  const drop = $("drop"), file = $("file"), button = form.querySelector("button.main");
  // A file that misses the zone must not replace the page.
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, () => drop.classList.add("over"));
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    file.files = event.dataTransfer.files;
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = file.files[0], most = Number(form.dataset.most);
    if (chosen && chosen.size > most) return tell(`${chosen.name} is bigger than ${most / 1048576} MB. Split it, or use the command line.`);
    if (!chosen && !$("text").value.trim()) return tell("Choose a file, or paste what was said.");
    tell("");
    send(form, button);
  });
  for (const forget of document.querySelectorAll(".forget"))
    forget.addEventListener("click", async () => {
      try {
        await ask("DELETE", `/debates/${forget.dataset.debate}`);
      } catch (error) {
        return tell(error.message);
      }
      const item = forget.closest("li"), next = item.nextElementSibling || item.previousElementSibling;
      item.remove();
      (next ? next.querySelector("a") : $("file")).focus();
    });
}

function send(form, button) {
  const request = new XMLHttpRequest();  // fetch cannot tell how much was sent
  const over = (message) => {
    button.disabled = false;
    $("sending").hidden = true;
    tell(message);
  };
  request.upload.addEventListener("progress", (event) => { $("sent").value = event.loaded / event.total; });
  request.addEventListener("load", () => {
    let found = {};
    try { found = JSON.parse(request.responseText); } catch { /* not ours */ }
    if (request.status === 202) location.assign(`/debates/${found.id}`);
    else over(refusal(found, request.status));
  });
  request.addEventListener("error", () => over("The server does not answer, or ended the transfer."));
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  button.disabled = true;
  $("sending").hidden = false;
  request.send(new FormData(form));
}

// How far it is.

async function watch(place) {
  const words = { waiting: "Waiting for its turn", reading: "Reading the file", predicting: "Reading the interventions" };
  try {
    const now = await ask("GET", `/debates/${place.dataset.debate}/state`);
    if (now.state === "done" || now.state === "failed") return location.reload();
    $("state").textContent = `${words[now.state]}${now.total ? `: ${now.done} of ${now.total}` : " …"}`;
    if (now.total) {
      $("bar").max = now.total;
      $("bar").value = now.done;
    }
    tell("");
  } catch (error) {
    tell(error.message);
  }
  setTimeout(watch, 700, place);
}

if ($("upload")) startPage($("upload"));
if ($("progress")) watch($("progress"));

// The report: every intervention can be corrected, by its marks or by its stance alone.

const OUTCOMES = { supportive: "+ supportive", mixed: "± mixed", critical: "− critical", none: "? no stance" };

function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function reportPage(service) {
  const corrected = new Set(service.dataset.corrected.split(" "));
  for (const article of document.querySelectorAll("article.intervention")) {
    const tools = article.querySelector(".tools");
    const open = make("button", { type: "button", "aria-expanded": "false", "aria-label": `Correct ${nameOf(article)}` }, "Correct");
    open.addEventListener("click", () => {
      const shown = open.getAttribute("aria-expanded") === "true";
      if (!shown && !tools.querySelector(".correction")) tools.append(panel(service, article, corrected));
      tools.querySelector(".correction").hidden = shown;
      article.classList.toggle("correcting", !shown);
      open.setAttribute("aria-expanded", String(!shown));
      open.setAttribute("aria-label", `${shown ? "Correct" : "Close the correction of"} ${nameOf(article)}`);
      open.firstChild.data = shown ? "Correct" : "Close";
    });
    tools.append(open);
  }
}

const nameOf = (article) => article.querySelector("h4").textContent.trim();
const marked = (article, kind) =>
  [...article.querySelectorAll(".sentence")].filter((s) => s.querySelector(`mark.${kind}`)).map((s) => Number(s.dataset.sentence));

function panel(service, article, corrected) {
  const row = article.dataset.row;
  const path = `/debates/${service.dataset.debate}/interventions/${row}/correction`;
  const said = make("p", { class: "said", role: "status" });
  const place = make("div", { class: "correction", role: "group", "aria-label": `Correction of ${nameOf(article)}` });

  async function save(method, body) {
    const buttons = place.querySelectorAll("button");
    const focused = document.activeElement;
    for (const button of buttons) button.disabled = true;
    said.classList.remove("wrong");
    said.textContent = "Saving …";
    try {
      const now = await ask(method, path, body);
      const moved = await refresh(article);
      if (now.corrected) corrected.add(row);
      else corrected.delete(row);
      show();
      const stance = now.stance === "none" ? "no stance" : now.stance;
      said.textContent = now.corrected ? `Saved: ${stance}.` : `Correction taken back: ${stance}.`;
      if (moved) said.append(...whereTo(article));
    } catch (error) {
      said.classList.add("wrong");
      said.textContent = error.message;
    }
    for (const button of buttons) button.disabled = false;
    if (focused && place.contains(focused)) focused.focus({ preventScroll: true });
  }

  const toggles = [];
  const list = make("ol");
  for (const sentence of article.querySelectorAll(".sentence")) {
    const number = Number(sentence.dataset.sentence);
    const choices = make("span", { class: "choices" });
    for (const [kind, sign] of [["praise", "+"], ["concern", "−"]]) {
      const label = `Sentence ${number + 1}: ${kind}`;
      const button = make("button", { type: "button", "aria-label": label, "data-mark": kind }, `${sign} ${kind}`);
      button.addEventListener("click", () => {
        const marks = { praise: marked(article, "praise"), concern: marked(article, "concern") };
        const had = marks[kind].includes(number);
        marks[kind] = had ? marks[kind].filter((n) => n !== number) : [...marks[kind], number];
        save("PUT", marks);
      });
      toggles.push({ button, kind, number });
      choices.append(button);
    }
    list.append(make("li", {}, make("span", {}, sentence.textContent), choices));
  }
  const alone = make("div", { class: "choices", role: "group", "aria-label": "The stance alone" });
  const stances = Object.entries(OUTCOMES).map(([stance, label]) => {
    const button = make("button", { type: "button", "data-stance": stance }, label);
    button.addEventListener("click", () => save("PUT", { stance }));
    alone.append(button);
    return { button, stance };
  });
  const confirm = make("button", { type: "button", "data-act": "confirm" }, "All correct as it is");
  confirm.addEventListener("click", () => save("PUT", { praise: marked(article, "praise"), concern: marked(article, "concern") }));
  const undo = make("button", { type: "button", "data-act": "undo" }, "Take my correction back");
  undo.addEventListener("click", () => save("DELETE"));

  function show() {
    for (const { button, kind, number } of toggles)
      button.setAttribute("aria-pressed", String(marked(article, kind).includes(number)));
    for (const { button, stance } of stances) button.setAttribute("aria-pressed", String(article.dataset.stance === stance));
    confirm.hidden = corrected.has(row);
    undo.hidden = !corrected.has(row);
  }

  place.append(
    make("h5", {}, "What each sentence does; the stance follows"), list,
    make("h5", {}, "Or the stance alone, if no sentence shows it"), alone,
    make("h5", {}, "As a whole"), make("div", { class: "choices" }, confirm, undo), said,
  );
  show();
  return place;
}

// What an intervention that changed its section says of it, with the way back.
function whereTo(article) {
  const asked = article.closest("#abstained");
  const left = document.querySelectorAll("#abstained .why strong, #unsure li").length;
  const back = asked ? "back to every intervention" : left ? `back to those for a human (${left} left)` : "";
  const now = ` It is now under “${asked ? "For a human to decide" : "Every intervention"}”`;
  return back ? [`${now}: `, make("a", { href: asked ? "#interventions" : "#abstained" }, back), "."] : [`${now}; none is left for a human.`];
}

// The counts and the corrected intervention, as the server shows them now; what is open or focused stays.
// Returns whether the intervention went to another section.
async function refresh(article) {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(article.id);
  if (!fresh) throw new Error("It is saved, but the page could not be brought up to date. Reload it.");
  const top = article.getBoundingClientRect().top;
  const parts = ["nav", ".kicker", "#sentence", "#left", "#doubts", "#unsure", "#debates", "#tally", "#corrected", "#asked", ".debate > .said", "#made"];
  for (const css of parts) {
    const news = page.querySelectorAll(css);
    document.querySelectorAll(css).forEach((old, place) => news[place] && old.replaceChildren(...news[place].childNodes));
  }
  refreshThemes(page);
  refreshChoices(page);
  const moved = settle(article, fresh, page);
  renew(article, fresh);
  document.querySelector("form.controls").dispatchEvent(new CustomEvent("recount", { detail: article }));
  // Whatever grew or shrank above it, the intervention stays where the eye is.
  scrollBy({ top: article.getBoundingClientRect().top - top, behavior: "instant" });
  return moved;
}

// Put an intervention into the section that it is in now.
function settle(article, fresh, page) {
  const place = [...page.querySelectorAll(".list")].indexOf(fresh.closest(".list"));
  const home = document.querySelectorAll(".list")[place];
  if (!home || home.contains(article)) return false;
  home.append(article);
  return true;
}

function renew(article, fresh) {
  const tools = article.querySelector(".tools");
  const working = article.classList.contains("correcting");
  article.className = fresh.className;
  article.classList.toggle("correcting", working);
  for (const [name, value] of Object.entries(fresh.dataset)) article.dataset[name] = value;
  for (const child of [...article.children]) if (child !== tools) child.remove();
  for (const child of [...fresh.children]) if (!child.classList.contains("tools")) article.insertBefore(child, tools);
}

// A stance that nobody had can be chosen as soon as somebody has it.
function refreshChoices(page) {
  for (const choice of document.querySelectorAll("form.controls [data-filter]")) {
    const fresh = page.getElementById(choice.id), chosen = choice.value;
    if (!fresh) continue;
    choice.replaceChildren(...fresh.options);
    choice.value = chosen;
    if (choice.selectedIndex < 0) choice.value = "";
  }
}

// Row by row: the report's own script has put buttons on the names of the themes.
function refreshThemes(page) {
  const body = document.querySelector("#themes tbody"), fresh = page.querySelector("#themes tbody");
  if (!body || !fresh) return;
  const key = (row) => row.querySelector("[data-show-theme]").dataset.showTheme;
  const old = new Map([...body.rows].map((row) => [key(row), row]));
  body.replaceChildren(...[...fresh.rows].map((row) => {
    const kept = old.get(key(row));
    if (kept) row.replaceChild(kept.querySelector("th"), row.querySelector("th"));
    return row;
  }));
}

if ($("service")) reportPage($("service"));
