"""A runner may be named as Beam takes it, and a name that no run can use is refused before anything is read."""

import pytest

from pipelines.options import parse_run
from schemas.faults import UsageFault

_INPUT = ["--input=gs://bucket/a.csv"]


@pytest.mark.parametrize("name", ["DirectRunner", "directrunner", "direct", "local", "FnApiRunner", "apache_beam.runners.DirectRunner"])
def test_a_run_on_this_machine_has_many_names(name):
    options = parse_run([*_INPUT, f"--runner={name}"])
    assert (options.local, options.flink, options.dataflow, options.beam_arguments) == (True, False, False, ())


@pytest.mark.parametrize("name", ["DataflowRunner", "dataflow", "apache_beam.runners.dataflow.dataflow_runner.DataflowRunner"])
def test_dataflow_is_known_however_it_is_written(name):
    options = parse_run([*_INPUT, "--runner", name])
    assert (options.local, options.dataflow, options.beam_arguments) == (False, True, ("--runner=DataflowRunner",))


@pytest.mark.parametrize("name", ["FlinkRunner", "FLINK", "apache_beam.runners.portability.flink_runner.FlinkRunner"])
def test_flink_is_known_however_it_is_written(name):
    options = parse_run([*_INPUT, f"--runner={name}", "--flink_master=host:8081"])
    assert (options.local, options.flink, options.beam_arguments) == (False, True, ("--runner=FlinkRunner", "--flink_master=host:8081"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("DataflowRuner", "--runner 'DataflowRuner' is no runner for this job; did you mean DataflowRunner?"),
        ("fink", "did you mean FlinkRunner?"),
        ("mine.Own", "leave it out to run on this machine, or give FlinkRunner or DataflowRunner"),
        ("", "--runner '' is no runner"),
    ],
)
def test_a_name_that_no_run_can_use_is_refused_with_the_nearest(name, told):
    with pytest.raises(UsageFault) as fault:
        parse_run([*_INPUT, f"--runner={name}"])
    assert told in str(fault.value)
