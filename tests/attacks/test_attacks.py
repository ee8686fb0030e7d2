"""Each attack earns what it deserves, reads no secret, and leaves the machine and others alone."""

import json
import socket
from pathlib import Path

import pytest
import target
from corpus import ATTACKS

pytestmark = pytest.mark.slow


def shown(answer):
    """All that comes out of a submission but its own text: messages, flags, outputs."""
    cells = answer.get("written", {}).get("cells", [])
    outputs = [cell.get("outputs", []) for cell in cells]
    rest = {key: value for key, value in answer.items() if key not in ("written", "kept")}
    return json.dumps([rest, outputs], ensure_ascii=False)


def check_score(attack, answer):
    assert "broken" not in answer, answer["broken"]
    if attack.refused:
        assert attack.refused in answer["refused"]
        return f"not graded: {answer['refused'][:70]}"
    assert "refused" not in answer, answer["refused"]
    result = answer["result"]
    found = {item["id"]: item["score"] for item in result["items"]}
    most = attack.most_points()
    said = "\n".join([*result["flags"], *(m for item in result["items"] for m in item["messages"])])
    for item, points in most.items():
        if item in attack.most:
            assert found[item] <= points, f"{item}: {found}\n{said}"
        else:
            assert found[item] == points, f"{item}: {found}\n{said}"
    assert result["max_score"] == sum(target.POINTS.values())
    for words in attack.says:
        assert words in said, said
    assert all(c.isprintable() or c == "\n" for c in said), "control characters in a message"
    check_written(answer, found)
    outputs = [out for cell in answer["written"]["cells"] for out in cell.get("outputs", [])]
    errors = {out["ename"] for out in outputs if out["output_type"] == "error"}
    ends = (attack.ends_in,) if isinstance(attack.ends_in, str) else attack.ends_in
    assert "".join(errors) in ends, errors
    return f"{result['score']:g} of {result['max_score']:g}"


def check_written(answer, found):
    """The score is the first result of a grade cell; and nothing in the file is more than text."""
    for cell in answer["written"]["cells"]:
        known = cell["metadata"].get("nbgrader", {})
        if known.get("grade") and known["grade_id"] in found:
            assert cell["outputs"][0]["data"] == {"text/plain": repr(found[known["grade_id"]])}
        for output in cell.get("outputs", []):
            kinds = set(output.get("data", {}))
            assert kinds <= {"text/plain", "image/png", "image/jpeg"}, kinds


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_attack(attack, world, row):
    notebook = attack.notebook(world.honest, world.places)
    asked = world.grader.ask(notebook)
    beside = world.grader.ask(world.neighbour) if attack.noisy else None
    answer = asked.get(timeout=120)
    became = check_score(attack, answer)
    text = json.dumps(answer, ensure_ascii=False)
    read = [place for place, canary in world.target.canaries.items() if canary in text]
    assert not read, f"it read the canary of {read}"
    escaped = [line for line in shown(answer).split("\\n") if "ESCAPED" in line]
    assert not escaped, escaped
    if beside:
        neighbour = beside.get(timeout=120)
        assert neighbour["result"]["score"] == sum(target.POINTS.values()), neighbour["result"]
    assert world.leftovers() == []
    row(attack, f"{became}, {answer['seconds']:.1f} s")


def test_the_canaries_are_there_to_be_read(world):
    """Outside of the jail each is found where the attacks look for it."""
    made, places = world.target, world.places
    paths = {
        "hidden": made.root / f"autograder/hidden/{target.NAME}.py",
        "covered": made.root / "gptlab/covered.py",
        "gradebook": made.course / "gradebook.db",
        "submitted": made.course / f"submitted/alice/{target.NAME}/{target.NAME}.ipynb",
        "home": made.home / ".ssh/id_ed25519",
        "environment": Path(f"/proc/{places['grader']}/environ"),
    }
    found = {place: path.read_text() for place, path in paths.items()}
    with socket.create_connection(("127.0.0.1", int(places["port"]))) as line:
        found["service"] = line.recv(100).decode()
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(f"\0{places['abstract']}")
        assert line.recv(100).decode() == found["service"]
    found["neighbour"] = world.neighbour
    assert found.keys() == made.canaries.keys()
    for place, canary in made.canaries.items():
        assert canary in found[place], place
