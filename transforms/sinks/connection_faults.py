"""What PostgreSQL's errors mean: which pass by themselves, and a sentence with the remedy for the others.

libpq gives no SQLSTATE for a connection that was refused, only a text; texts are matched in English, the language
of nearly every server. Another language costs the remedy, not the message.
"""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import psycopg

from schemas.faults import UserFault

# 08 connection exceptions, 40 deadlock and serialisation, 53300 too many connections, 55P03 lock not available,
# 57P01 to 57P05 the server is going down, coming up or has closed an idle session, 25P03 idle in transaction.
_PASSING = re.compile(r"08...|40001|40P01|53300|55P03|57P0[1235]|25P03")

_STARTING = re.compile(
    r"the database system is (starting up|shutting down|in recovery mode|not (yet )?accepting connections)", re.IGNORECASE
)
_POOL_CROWDED = re.compile(r"query_wait_timeout|no more connections allowed", re.IGNORECASE)
_CROWDED = re.compile(r"too many clients|too many connections|remaining connection slots", re.IGNORECASE)

# {place} is the server, {user} and {dbname} as in force, {schema} ours, {option} named it, {secret} names the secret of
# its password, {text} the server's first line.
_BY_STATE = {
    "25006": "{place} is read-only ({text}); name the primary server in {option}, or use a user that may write",
    "28000": "{place} does not let user {user} in ({text}); correct the user in {option}, or ask for a line in the server's pg_hba.conf",
    "28P01": "{place} refused the password of user {user}; correct PGPASSWORD, the password file, the secret or the URL, and the user's name",
    "3D000": "{place} has no database {dbname}; create it (createdb {dbname}) or correct the name in {option}",
    "42501": "user {user} has no right to do this at {place} ({text}); let its owner run GRANT CREATE ON DATABASE {dbname} TO {user}, "
    "or give with --schema a schema that the user owns",
    "53100": "the disk of {place} is full ({text}); free space and give the same command again",
    "53200": "{place} has no memory left ({text}); free memory, or lower its shared_buffers, and give the same command again",
    "53300": "{place} has no free connection ({text}); close other programs that use it, or raise its max_connections",
    "57014": "{place} cancelled a statement ({text}); lift the limit for user {user} and give the same command again",
    "58030": "{place} can't read or write its files ({text}); see its log and its disk",
    "XX001": "the data of {place} are damaged ({text}); restore a backup, or name another database in {option}",
    "XX002": "an index of {place} is damaged ({text}); let its owner run REINDEX DATABASE {dbname}",
}

# In this order: the first that matches is told. No SQLSTATE comes with these.
_BY_TEXT = (
    (
        r"no password supplied",
        "{place} asks for the password of user {user}, and none was given; set PGPASSWORD, write it into ~/.pgpass, or name its secret "
        "with {secret}",
    ),
    (r"password authentication failed", _BY_STATE["28P01"]),
    (r'role ".*" does not exist', "{place} has no user {user}; create it (createuser {user}) or correct the name in {option}"),
    (r'database ".*" does not exist', _BY_STATE["3D000"]),
    (r"permission denied for database", _BY_STATE["42501"]),
    (r"no pg_hba.conf entry|authentication failed|is not permitted to log in|authentication method", _BY_STATE["28000"]),
    (
        r"server does not support SSL",
        "{place} does not speak SSL, and sslmode asks for it; correct the host and port, or give sslmode=prefer where the network is trusted",
    ),
    (
        # Only while connecting, and not where the other end went away: TLS names each connection that is cut an SSL error.
        r"certificate|connection (failed|is bad|to server)\b.*SSL error: (?!unexpected eof)",
        "the certificate that {place} shows, or ours, was not accepted ({text}); correct sslrootcert, sslcert or the host's name in {option}",
    ),
    (
        r'definition of service "(.*)" not found|service file',
        "libpq does not find the service that {option} or PGSERVICE names ({text}); write it into ~/.pg_service.conf or set PGSERVICEFILE",
    ),
    (
        r"invalid (\w+ value|port number|integer value|connection option)",
        "a setting of the connection to {place} can't be used ({text}); correct {option} or the PG... variables",
    ),
)

# PgBouncer's own words; how many a run holds, it does not know.
_NO_PLACE_IN_POOL = (
    "{place} is a pooler whose connections to the server are all in use ({text}); give --max_connections of at most the size of its pool, "
    "or a larger pool"
)
_CANNOT_CONNECT = (
    "cannot connect to {place}: {text}; check that the server runs there and can be reached, or correct host and port in {option}"
)
_DISK_FULL_BYTES = 32 << 20


def first_line(error: BaseException) -> str:
    """Returns the server's own words in a line, without libpq's preamble."""
    first, _, _ = str(error).strip().partition("\n")
    first = re.sub(r"^(connection failed|connection is bad): ", "", first)
    first = re.sub(r"^connection to server (at|on) .*? failed: ", "", first)
    return re.sub(r"^(FATAL|ERROR|PANIC):\s+", "", first) or type(error).__name__


def server_is_busy(error: BaseException) -> bool:
    """Says whether a server answered, but is starting up or has no free connection."""
    return isinstance(error, psycopg.OperationalError) and (
        error.sqlstate in ("57P03", "53300") or any(sign.search(str(error)) for sign in (_STARTING, _CROWDED, _POOL_CROWDED))
    )


def is_passing(error: BaseException) -> bool:
    """Says whether an error may heal by itself, so that a new connection and a repeat are worth trying.

    True for a lost or refused connection, a server that restarts or is full, a deadlock; False for everything that
    somebody has to mend, and for a UserFault of `connect`, which has waited already.
    """
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is not None:
        return _PASSING.fullmatch(error.sqlstate) is not None
    if not isinstance(error, psycopg.OperationalError):
        return False
    return server_is_busy(error) or not any(re.search(pattern, str(error), re.IGNORECASE) for pattern, _ in _BY_TEXT)


def explain_error(
    error: BaseException, place: str, keywords: Mapping[str, str], schema: str, data_dir: Path | None, option: str
) -> UserFault | None:
    """Returns the sentence for an error, None where no user can mend it. See connection.explain."""
    if isinstance(error, UserFault):
        return error
    if not isinstance(error, psycopg.Error):
        return None
    user = keywords.get("user", "")
    words = {"place": place, "user": user, "dbname": keywords.get("dbname", user), "schema": schema, "text": first_line(error)}
    words |= {"option": option, "secret": "--password_secret" if option == "--output" else "&password_secret="}
    # A full disk stops the embedded server altogether, and then all there is to see is a lost connection.
    if data_dir is not None and data_dir.exists() and shutil.disk_usage(data_dir).free < _DISK_FULL_BYTES:
        return UserFault(_BY_STATE["53100"].format(**words))
    if _POOL_CROWDED.search(str(error)):
        return UserFault(_NO_PLACE_IN_POOL.format(**words))
    if error.sqlstate in _BY_STATE:
        return UserFault(_BY_STATE[error.sqlstate].format(**words))
    if error.sqlstate is None and isinstance(error, psycopg.OperationalError):
        if _CROWDED.search(str(error)):
            return UserFault(_BY_STATE["53300"].format(**words))
        template = next((told for pattern, told in _BY_TEXT if re.search(pattern, str(error), re.IGNORECASE)), _CANNOT_CONNECT)
        return UserFault(template.format(**words))
    if is_passing(error):
        return UserFault(_CANNOT_CONNECT.format(**words))
    return None
