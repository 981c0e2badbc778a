"""Tasks for Label Studio, one choice of marks a sentence, and what came back from it.

The model's suggestions travel as Label Studio's "predictions", labels as its "annotations"; only those are read back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from statestance.corpus.faults import Fault
from statestance.curation.returned import Returned, differs
from statestance.curation.tasks import Answer, Task
from statestance.domain import Marks, StatestanceError
from statestance.predict.table import replacing

PRAISE, CONCERN = "praise", "concern"
NOTHING, NO_INTERVENTION = "evaluates nothing", "not an intervention"
_SENTENCE, _WHOLE = "marks_", "whole"

CONFIG = f"""<View>
  <Header value="$speaker on $target"/>
  <Repeater on="$sentences" indexFlag="{{{{idx}}}}">
    <View style="margin: 0 0 1em 0">
      <Text name="sentence_{{{{idx}}}}" value="$sentences[{{{{idx}}}}].text"/>
      <Choices name="{_SENTENCE}{{{{idx}}}}" toName="sentence_{{{{idx}}}}" choice="multiple" showInline="true">
        <Choice value="{PRAISE}"/>
        <Choice value="{CONCERN}"/>
      </Choices>
    </View>
  </Repeater>
  <Text name="text" value="$text"/>
  <Choices name="{_WHOLE}" toName="text" choice="single" showInline="true">
    <Choice value="{NOTHING}"/>
    <Choice value="{NO_INTERVENTION}"/>
  </Choices>
</View>
"""
"""The labelling interface, to be pasted into the settings of a Label Studio project."""


class _Value(BaseModel):
    model_config = ConfigDict(extra="ignore")
    choices: list[str]


class _Result(BaseModel):
    model_config = ConfigDict(extra="ignore")
    from_name: str
    value: _Value


class _Annotation(BaseModel):
    model_config = ConfigDict(extra="ignore")
    result: list[_Result]
    was_cancelled: bool = False
    completed_by: Any = None


class _Sentence(BaseModel):
    model_config = ConfigDict(extra="ignore")
    text: str


class _Data(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str
    sentences: list[_Sentence]


class _Task(BaseModel):
    model_config = ConfigDict(extra="ignore")
    data: _Data
    annotations: list[_Annotation] = []


def write(path: Path, tasks: Sequence[Task], answers: Mapping[str, Answer]) -> None:
    """Write tasks as JSON that Label Studio imports, what was answered already as annotations."""
    content = [_task(task, answers.get(task.id)) for task in tasks]
    with replacing(path) as part:
        part.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _task(task: Task, answer: Answer | None) -> dict[str, Any]:
    one = task.intervention
    sentences = [{"text": text} for text in one.sentence_texts]
    data = {"id": one.id, "debate": one.debate, "speaker": one.speaker or "(unnamed)", "target": one.target or "?"}
    made: dict[str, Any] = {"data": data | {"text": one.text, "sentences": sentences}}
    given = task.suggested
    if given is not None and given.praise is not None and given.concern is not None:
        result = _results(Answer(Marks(given.praise, given.concern)), len(sentences))
        score = max(given.probabilities)
        made["predictions"] = [{"model_version": given.model, "score": score, "result": result}]
    if answer is not None:
        made["annotations"] = [{"result": _results(answer, len(sentences))}]
    return made


def _results(answer: Answer, sentences: int) -> list[dict[str, Any]]:
    if answer.marks is None:
        return [_choice(_WHOLE, "text", [NO_INTERVENTION])]
    if answer.marks.stance is None:
        return [_choice(_WHOLE, "text", [NOTHING])]
    found = []
    for n in range(sentences):
        names = [m for m, numbers in ((PRAISE, answer.marks.praise), (CONCERN, answer.marks.concern)) if n in numbers]
        if names:
            found.append(_choice(f"{_SENTENCE}{n}", f"sentence_{n}", names))
    return found


def _choice(name: str, of: str, choices: list[str]) -> dict[str, Any]:
    return {"from_name": name, "to_name": of, "type": "choices", "value": {"choices": choices}}


def read(path: Path, tasks: Mapping[str, Task], annotator: str = "") -> Returned:
    """Read the JSON that Label Studio exports; in a fault the line is the number of the task in the file.

    ``annotator`` (an e-mail address or a number) takes what one person said; without it all must agree.
    """
    found, first, people = Returned(), dict[str, int](), set[str]()
    for number, raw in enumerate(_load(path), 1):
        try:
            item = _Task.model_validate(raw)
        except ValidationError as error:
            for wrong in error.errors():
                name = ".".join(map(str, wrong["loc"]))
                value = "missing" if wrong["type"] == "missing" else repr(wrong["input"])
                found.fault(path, number, name, value, wrong["msg"], 'export from Label Studio as "JSON"')
            continue
        name, texts = item.data.id, [s.text for s in item.data.sentences]
        if first.setdefault(name, number) != number:
            found.fault(path, number, "data.id", name, f"task {first[name]} too", "keep one of the tasks")
        elif name not in tasks:
            found.fault(path, number, "data.id", name, "not in the queue", "give the queue that was exported")
        elif fault := differs(path, number, "data.sentences", tasks[name], texts):
            found.faults.append(fault)
        else:
            people |= {_name(a.completed_by) for a in item.annotations if a.completed_by is not None}
            _take(found, path, number, item, annotator)
    if annotator and people and annotator not in people and not found.answers:
        raise StatestanceError(
            f"expected labels by {annotator} in {path}; found labels by {', '.join(sorted(people))}; name one of these"
        )
    return found


def _load(path: Path) -> list[Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise StatestanceError(
            f'expected the JSON of Label Studio in {path}; found: {error}; export it again, as "JSON"'
        ) from error
    if not isinstance(content, list):
        raise StatestanceError(
            f'expected a list of tasks in {path}; found {type(content).__name__}; export from Label Studio as "JSON"'
        )
    return content


def _take(found: Returned, path: Path, number: int, item: _Task, annotator: str) -> None:
    """Add the answer of a task, if it has one."""
    answers = list[Answer]()
    for annotation in item.annotations:
        if annotation.was_cancelled or (annotator and not _by(annotation.completed_by, annotator)):
            continue
        faults = list(_faults(path, number, annotation, len(item.data.sentences)))
        found.faults += faults
        if not faults:
            answers.append(_answer(annotation))
    if any(answer != answers[0] for answer in answers):
        remedy = "name one annotator with --annotator, or import each and run `statestance data adjudicate`"
        found.fault(path, number, "annotations", item.data.id, f"{len(answers)} that differ", remedy)
    elif answers:
        found.answers[item.data.id] = answers[0]


def _by(completed_by: Any, annotator: str) -> bool:
    """Label Studio gives a number, or (in a full export) the person."""
    if isinstance(completed_by, dict):
        return annotator in (str(completed_by.get("id")), completed_by.get("email"))
    return str(completed_by) == annotator


def _name(completed_by: Any) -> str:
    """Whom ``annotator`` may name: the e-mail address where there is one, else the number."""
    if isinstance(completed_by, dict):
        return str(completed_by.get("email") or completed_by.get("id"))
    return str(completed_by)


def _faults(path: Path, number: int, annotation: _Annotation, sentences: int) -> Iterator[Fault]:
    names = {f"{_SENTENCE}{n}": (PRAISE, CONCERN) for n in range(sentences)} | {_WHOLE: (NOTHING, NO_INTERVENTION)}
    for result in annotation.result:
        if result.from_name not in names:
            problem, remedy = "no such field", "label with the interface that `label export` wrote"
            yield Fault(str(path), number, "from_name", result.from_name, problem, remedy)
        for choice in result.value.choices:
            if choice not in names.get(result.from_name, (choice,)):
                remedy = f"choose among {', '.join(names[result.from_name])}"
                yield Fault(str(path), number, result.from_name, choice, "no such choice", remedy)
    whole = [r.value.choices for r in annotation.result if r.from_name == _WHOLE and r.value.choices]
    marked = any(r.value.choices for r in annotation.result if r.from_name != _WHOLE)
    if whole and (marked or whole[1:] or len(whole[0]) > 1):
        problem = "contradicts the marks on sentences" if marked else "more than one choice"
        yield Fault(str(path), number, _WHOLE, str(whole), problem, "keep one of them")


def _answer(annotation: _Annotation) -> Answer:
    chosen = {r.from_name: r.value.choices for r in annotation.result}
    if NO_INTERVENTION in chosen.get(_WHOLE, ()):
        return Answer(None)
    praise, concern = (
        sorted(int(name.removeprefix(_SENTENCE)) for name, choices in chosen.items() if mark in choices)
        for mark in (PRAISE, CONCERN)
    )
    return Answer(Marks(tuple(praise), tuple(concern)))
