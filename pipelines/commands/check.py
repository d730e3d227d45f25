"""scope3 check: everything that a run would refuse or assume, without a store."""

import tempfile
from collections.abc import Sequence

import pyarrow as pa

from pipelines.arguments import Parser
from pipelines.check_report import lines_of
from pipelines.checked_rows import CheckedRows
from pipelines.checking import look_through
from pipelines.config_options import add_config_options, add_factors_option, config_of, load_factors
from pipelines.options import add_input_options
from pipelines.progress import shown_progress
from pipelines.proposal import proposal
from pipelines.quiet import silence_libraries
from transforms.counters import PROGRESS
from transforms.reading.inputs import find_inputs
from transforms.reading.mapping import NO_MAPPING, load_mapping

_GUESSED = (
    "A mapping to begin with, guessed from the names of the columns alone; nothing of it was applied. Look at each line, save it as\n"
    "mapping.toml, and give it with --mapping mapping.toml"
)

_DONE, _FAULT, _TOO_MANY = 0, 1, 3


def run(arguments: Sequence[str]) -> int:
    """Looks through files and prints what was found.

    Returns:
        0; 1 if a file can't be read; 3 if a run would fail for its share of dead letters.

    Raises:
        UserFault: inputs, mapping or factors that can't be used.
    """
    silence_libraries()
    # Arrow's own allocators keep what they once had.
    pa.set_memory_pool(pa.system_memory_pool())
    parser = Parser(
        prog="scope3 check",
        description="Does all that a run would do, but writes nothing: dead letters by code with examples, columns that are not used, "
        "how exactly factors are found, and which suppliers matter most.",
    )
    add_input_options(parser)
    add_factors_option(parser, "default")
    add_config_options(parser)
    parser.add_argument("--quiet", action="store_true", help="no progress")
    options = parser.parse_strictly(arguments)
    config = config_of(options)
    mapping = NO_MAPPING if options.mapping is None else load_mapping(options.mapping)
    sources = find_inputs(options.input)
    factors = load_factors(options.factors or ["default"], config)
    PROGRESS.begin(sum(source.size_bytes for source in sources))
    with tempfile.TemporaryDirectory(prefix="scope3-") as folder, CheckedRows(folder) as rows:
        with shown_progress(options.quiet):
            found = look_through(sources, mapping, config, factors, rows)
        for line in lines_of(found, rows, sources):
            print(line)
    guessed = list(proposal(found.given | found.unknown)) if mapping == NO_MAPPING else []
    if guessed:
        print(f"\n{_GUESSED}\n")
        print("\n".join(f"    {line}" for line in guessed))
    if found.unreadable:
        print(f"\nA run would stop at {'what' if len(found.unreadable) == 1 else 'each of the files that'} can't be read.")
        return _FAULT
    if found.dead_letters > config.max_dead_letter_share * found.records:
        share = f"{found.dead_letters / found.records:.1%} dead letters"
        print(f"\nA run would fail: {share}, and --max_dead_letter_share is {config.max_dead_letter_share:g}.")
        return _TOO_MANY
    return _DONE
