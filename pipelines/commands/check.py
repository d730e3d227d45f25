"""scope3 check: everything that a run would refuse or assume, without a store."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.arguments import Parser
from pipelines.config_options import add_config_options, add_factors_option, config_of, load_factors
from pipelines.options import add_input_options
from pipelines.quiet import silence_libraries
from schemas.config import Config
from schemas.records.judge import nearest_field
from transforms.categories.registry import Calculator
from transforms.factors.table import FactorTable
from transforms.reading.blocks import BlockMaker, join_blocks
from transforms.reading.files import find_sources, short_names
from transforms.reading.mapping import NO_MAPPING, Mapping, load_mapping
from transforms.reading.sources import judged_chunks
from transforms.sinks.contract import Source

_DONE, _TOO_MANY = 0, 3
_EXAMPLES = 3
_BATCH_RECORDS = 1_000


@dataclass
class _Findings:
    """What was found so far."""

    records: int = 0
    skipped: int = 0
    results: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    unknown_columns: set[str] = field(default_factory=set)
    methods: Counter[tuple[int, str]] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    spend: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    spend_found: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def run(arguments: Sequence[str]) -> int:
    """Looks through files and prints what was found; 3 if a run would fail for its share of dead letters.

    Raises:
        UserFault: files, mapping or factors that can't be used.
    """
    silence_libraries()
    parser = Parser(
        prog="scope3 check",
        description="Does all that a run would do, but writes nothing: dead letters by code with examples, columns that "
        "nobody knows, and how exactly factors are found.",
    )
    add_input_options(parser)
    add_factors_option(parser, "default")
    add_config_options(parser)
    options = parser.parse_strictly(arguments)
    config = config_of(options)
    mapping = NO_MAPPING if options.mapping is None else load_mapping(options.mapping)
    sources = find_sources(options.input)
    found = _look_through(sources, mapping, config, load_factors(options.factors or ["default"], config))
    for line in _lines(found, sources):
        print(line)
    dead = sum(found.dead.values())
    if dead > config.max_dead_letter_share * found.records:
        print(
            f"\nA run would fail: {dead / found.records:.1%} dead letters, and --max_dead_letter_share is {config.max_dead_letter_share:g}."
        )
        return _TOO_MANY
    return _DONE


def _look_through(sources: Sequence[Source], mapping: Mapping, config: Config, factors: FactorTable) -> _Findings:
    found, calculator, maker = _Findings(), Calculator(factors, config), BlockMaker(_BATCH_RECORDS, 1)
    names = short_names(sources)
    for source in sources:
        for chunk in judged_chunks(source, mapping, config, names[source.source_id]):
            found.records += chunk.records
            found.skipped += chunk.skipped
            found.unknown_columns |= chunk.unknown_columns
            _note_dead(found, chunk.dead_letters, source)
            blocks, _ = maker.make(chunk)
            for block in blocks:
                batch = join_blocks([block.stream])
                done = calculator.calculate(block.category, batch)
                _note_dead(found, done.dead_letters, source)
                _note_results(found, block.category, done.results)
                _note_spend(found, batch, done.results)
    return found


def _note_dead(found: _Findings, letters: pa.RecordBatch, source: Source) -> None:
    for counted in pc.value_counts(letters.column("code")).to_pylist():
        found.dead[counted["values"]] += counted["counts"]
    for row in _first_of_each(letters.column("code")):
        letter = letters.slice(row, 1).to_pylist()[0]
        examples = found.examples.setdefault(letter["code"], [])
        if len(examples) < _EXAMPLES:
            who = f"{letter['record_id']}: " if letter["record_id"] else ""
            examples.append(f"{source.source_uri} at {letter['source_position']}: {who}{letter['message']}")


def _first_of_each(codes: pa.Array) -> list[int]:
    """Returns the rows of the first few of each code."""
    encoded = codes.dictionary_encode().indices.to_numpy()
    rows = [np.flatnonzero(encoded == code)[:_EXAMPLES] for code in np.unique(encoded)]
    return sorted(np.concatenate(rows).tolist()) if rows else []


def _note_results(found: _Findings, category: int, results: pa.RecordBatch) -> None:
    found.results += results.num_rows
    for counted in pc.value_counts(results.column("method")).to_pylist():
        found.methods[category, counted["values"]] += counted["counts"]
    warnings = results.column("warnings").flatten()
    for counted in pc.value_counts(pc.extract_regex(warnings, r"^(?P<code>\S+)").field("code")).to_pylist():
        found.warnings[counted["values"]] += counted["counts"]


def _note_spend(found: _Findings, batch: pa.RecordBatch, results: pa.RecordBatch) -> None:
    """Adds up the amounts paid, and those of records with a result, by currency."""
    if "spend_amount" not in batch.schema.names:
        return
    currency = batch.column("spend_currency") if "spend_currency" in batch.schema.names else pa.nulls(batch.num_rows, pa.string())
    has_result = pc.is_in(batch.column("source_position"), results.column("source_position"))
    amounts = pa.table(
        {
            "currency": pc.fill_null(currency, "USD"),
            "amount": pc.abs(batch.column("spend_amount")),
            "found": pc.if_else(has_result, pc.abs(batch.column("spend_amount")), 0.0),
        }
    )
    for row in amounts.group_by("currency", use_threads=False).aggregate([("amount", "sum"), ("found", "sum")]).to_pylist():
        found.spend[row["currency"]] += row["amount_sum"] or 0.0
        found.spend_found[row["currency"]] += row["found_sum"] or 0.0


def _lines(found: _Findings, sources: Sequence[Source]) -> Iterator[str]:
    yield f"{found.records:,} records in {len(sources):,} {'file' if len(sources) == 1 else 'files'}, {found.skipped:,} rows skipped"
    yield f"{found.results:,} would have a result, {sum(found.dead.values()):,} would be dead letters"
    if found.unknown_columns:
        yield ""
        yield "Columns that no field claims"
        for name in sorted(found.unknown_columns):
            near = nearest_field(name)
            yield f"  {name}" + (f" (did you mean {near}?)" if near else "")
    if found.methods:
        yield ""
        yield "Results by category and method"
        for (category, method), count in sorted(found.methods.items()):
            yield f"  {category:<4}{method:<32}{count:>12,}  {count / found.records:6.1%}"
        yield ""
        yield "What the results would say about their factors and assumptions"
        for code, count in found.warnings.most_common():
            yield f"  {code:<28}{count:>12,}  {count / found.results:6.1%}"
    if found.spend:
        yield ""
        yield "Spend with a result"
        for currency, amount in sorted(found.spend.items(), key=lambda pair: -pair[1]):
            share = found.spend_found[currency] / amount if amount else 1.0
            yield f"  {currency:<4}{amount:>20,.0f}  {share:6.1%}"
    for code, count in found.dead.most_common():
        yield ""
        yield f"{code}: {count:,}"
        yield from (f"  {example}" for example in found.examples[code])
