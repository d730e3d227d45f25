"""scope3 calculate, as a user calls it."""

import json
import subprocess
import sys

from pipelines.commands import calculate
from tests.pipelines.command import SCOPE3, scope3
from transforms.calculate_records import calculate_records

_STEEL = {
    "record_id": "R-1",
    "category": 1,
    "region": "GB",
    "activity_year": 2025,
    "product_name": "steel",
    "quantity": 2,
    "quantity_unit": "t",
    "supplier_pcf": 1850,
}


def test_answers_come_in_order_a_line_each_and_blank_lines_are_no_records(tmp_path):
    lines = [json.dumps(_STEEL), "", "{broken", json.dumps({**_STEEL, "record_id": "R-2", "quantity": -1})]
    done = scope3("calculate", cwd=tmp_path, stdin="\n".join(lines))
    assert (done.returncode, done.stderr) == (0, "")
    first, second, third = map(json.loads, done.stdout.splitlines())
    # 2 t at 1,850 kg each.
    assert first["result"]["kg_co2e"] == 3700.0
    assert (second["dead_letter"]["code"], second["dead_letter"]["record_id"]) == ("E_MALFORMED", None)
    assert (third["dead_letter"]["code"], third["dead_letter"]["field"]) == ("E_RANGE", "quantity")


def test_a_byte_order_mark_is_no_part_of_the_first_line_and_other_blanks_are_no_blank_line(tmp_path, capsys):
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(_STEEL).encode() + b"\r\n \t\r\n\x0c\n")
    assert calculate.run([str(path)]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["result"]["kg_co2e"] == 3700.0
    assert second["dead_letter"]["code"] == "E_MALFORMED"


def test_the_command_and_the_function_say_the_same(tmp_path):
    (tmp_path / "records.jsonl").write_text(json.dumps(_STEEL))
    done = scope3("calculate", "records.jsonl", cwd=tmp_path)
    assert json.loads(done.stdout) == json.loads(json.dumps(calculate_records([_STEEL])[0]))


def test_factors_that_are_given_are_the_only_ones(tmp_path):
    spend = {**_STEEL, "spend_amount": 100, "spend_currency": "USD", "spend_year": 2022, "naics_code": "331110"}
    del spend["supplier_pcf"]
    (tmp_path / "none.json").write_text("[]")
    shipped = json.loads(scope3("calculate", cwd=tmp_path, stdin=json.dumps(spend)).stdout)
    assert shipped["result"]["method"] == "tier_3_spend_based"
    alone = json.loads(scope3("calculate", "--factors", "none.json", cwd=tmp_path, stdin=json.dumps(spend)).stdout)
    assert alone["dead_letter"]["code"] == "E_NO_FACTOR"


def test_a_record_is_answered_while_the_input_stays_open(tmp_path):
    with subprocess.Popen([str(SCOPE3), "calculate"], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        process.stdin.write(json.dumps(_STEEL) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["result"]["kg_co2e"] == 3700.0
        process.stdin.close()
        assert process.wait(30) == 0


def test_the_answer_needs_no_beam(tmp_path):
    code = "import sys; import pipelines.commands.calculate; print([name for name in sys.modules if name.startswith('apache_beam')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_faults_are_sentences_with_an_exit_status(tmp_path):
    for arguments, status, told in [
        (["calculate", "nowhere.jsonl"], 1, "nowhere.jsonl can't be read: No such file or directory"),
        (["calculate", "--factors", "epa-1.4"], 1, "did you mean epa-1.3?"),
        (["calculate", "--low_dqi_treshold=3"], 2, "did you mean --low_dqi_threshold?"),
        (["calculate", "--low_dqi=3"], 2, "no option --low_dqi"),
        (["calculate", "--gwp_set=AR7"], 2, "invalid choice"),
        (["calculate", "--low_dqi_threshold=101"], 2, "less than or equal to 100"),
        (["calculat"], 2, "did you mean calculate?"),
    ]:
        done = scope3(*arguments, cwd=tmp_path)
        assert done.returncode == status, done
        assert done.stderr.startswith("scope3: ") and told in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr


def test_help_and_version_go_to_standard_output(tmp_path):
    assert "commands:" in scope3("--help", cwd=tmp_path).stdout
    assert scope3("--version", cwd=tmp_path).stdout.startswith("scope3 ")
    assert scope3(cwd=tmp_path).returncode == 2
