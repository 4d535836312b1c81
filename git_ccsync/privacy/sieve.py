"""Whether a small text can hold a secret at all: what most texts are asked, and all that is loaded for them. Knows the
literals of the rules, and how `finding` begins to look; no rule, no pattern.

Never says no where `finding` finds something (tests hold it); may say yes where it finds nothing.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.privacy import runs

if TYPE_CHECKING:
    from git_ccsync.privacy.runs import Run

#: Names of short values are looked for in the whole text; those of tokens, which are long, only before runs.
SHORT = (b"pass", b"secret", b"pwd", b"psk")
LONG = (b"token", b"key", b"auth", b"bearer", b"basic", b"credential", b"cookie")
#: Behind so much of a run begins no token, and no literal in what leads to a run goes on so far into it.
JOINED = 24
INTO = 6
#: No literal at the beginning of a token is longer.
LITERAL = 24
#: The longest name on either side of a telling word, and its bytes.
NAME = 40
_NAME = runs.LETTERS + runs.DIGITS + b"_-"

#: Joints are all one, and what begins behind one, or a run, has a blank before it.
_SPLIT = bytes(0x20 if byte in runs.JOINTS else byte for byte in range(256))
#: The literals of all rules by where they stand (see `rules.Rules`), a copy that loads at once; tests hold them equal.
HEADS = (
    (
        b" ghp_, gho_, ghu_, ghs_, ghr_, github_pat_, glpat-, glptt-, gldt-, glrt-, glrtr-, glcbt-, glc_, glft-,"
        b" glffct-, glimt-, glagent-, gloas-, glsoat-, glsa_, glwt-, GR1348941, ATBB, ATCTT3xFfG, ATATT3xFfG, sgp_,"
        b" npm_, pypi-Ag, rubygems_, cio, oy2, dckr_pat_, dckr_oat_, packagist_, CLOJARS_, AKCp, cmVmdGtu, jsrp_,"
        b" jsrw_, jsrd_, CCIPAT_, CCIPRJ_, bkua_, bkpt_, bkct_, bkat_, squ_, sqp_, sqa_, PMAK-, rdme_, pnu_, pnb_,"
        b" ddp_, ddo_, sdk-, api-, api_org_, mob-, pul-, ops_eyJ, A3-, AGE-SECRET-KEY-, AGE-PLUGIN-, LS0tLS1CRUdJTi,"
        b" AKIA, AKID, ASIA, ABIA, ACCA, ABSK, bedrock-api-key-, AIza, GOCSPX-, LTAI, AKLT, AQVN, y0_, y1_, y2_, y3_,"
        b" dop_v1_, doo_v1_, dor_v1_, cfk_, cfut_, cfat_, HRKU-, fm1r_, fm2_, fo1_, nfp_, nfo_, nfc_, nfu_, vcp_,"
        b" vci_, vca_, vcr_, vck_, rnd_, SCW, tskey-, dapi, dose, pscale_tkn_, pscale_pw_, pscale_oauth_, sbp_,"
        b" sb_secret_, napi_, mdb_sa_sk_, CCDB1_, aivenv1, cflt, eyJ, eyJrIjoi, sk-ant-, sk-or-, sk-lf-, sk-proj-,"
        b" sk-svcacct-, sk-admin-, sk-service-, sk-, sk_, sk_live_, sk_test_, sk, hf_, gsk_, r8_, xai-, pplx-,"
        b" tgp_v1_, fw_, nvapi-, csk-, lsv2_, wandb_v1_, pcsk_, tvly-, fc-, jina_, pa-, e2b_, as-, ak-, xoxb-, xoxp-,"
        b" xoxa-, xoxr-, xoxs-, xoxo-, xoxc-, xoxd-, xoxe-, xapp-, xapt-, xwfp-, MT, MD, Mj, Mz, NT, ND, Nj, Nz, OT,"
        b" OD, SK, key-, xkeysib-, xsmtpsib-, re_, dG9rO, AAAAAAAAAAAAAAAAAAAAA, EAA, EAAA, rk_live_, rk_test_,"
        b" whsec_, sq0atp-, sq0csp-, sq0idp-, shpat_, shpca_, shppa_, shpss_, shptka_, shpua_, access-sandbox-,"
        b" access-development-, access-production-, rzp_live_, rzp_test_, FLWSECK, pdl_, EZAK, EZTK, shippo_live_,"
        b" shippo_test_, duffel_live_, duffel_test_, AQE, NRAK-, NRIQ-, NRII-, NRSP-, NRJS-, sntrys_eyJ, sntryu_,"
        b" sntrya_, sntryr_, sntryi_, hcaik_, hcalk_, hcamk_, hcxik_, xaat-, phx_, u+, y_NbAkKc, rootly_, lin_api_,"
        b" lin_oauth_, lin_wh_, ntn_, secret_, figd_, figu_, figo_, figh_, figor_, pat-na, pat-eu, pat-ap, CFPAT-,"
        b" tfp_, ATTA, pk_, fio-u-"
    )
    .translate(_SPLIT)
    .split(b",")
)
INSIDE = (b"7Q~ 8Q~ 9Q~ JQQJ9 AzSe AzFu AZDO -us NRAL FFFFNRAL").split()
BEFORE = (
    b"snyk_uat. snyk_sat. hvs. hvb. hvr. .atlasv1. dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit. ops_eyJ st. "
    b"LS0tLS1CRUdJTi AKIA ASIA ABSK bedrock-api-key- amzn.mws. AQ.Ab 1//0 ya29. AAAA 7Q~ 8Q~ 9Q~ sig= v1.0- fm1r_ "
    b"fm2_ fo1_ aivenv1 cflt sl. xoxe.xox services/T services\\/T services\\\\/T services\\\\\\\\/T webhooks/ webhooks\\/ "
    b"webhooks\\\\/ webhooks\\\\\\\\/ :AA IncomingWebhook/ SG. mlsn. dG9rO whsec_ $production$ $sandbox$ AQE sntrys_eyJ "
    b"glc_ eyJrIjoi dt0 pat 0/1 1/1 2/1 00D sk.eyJ tk.eyJ hook.eu hook.us hook.integromat.com"
).split()
QUOTED = (b'"d": "d\\": "d\\\\\\":').split()
#: Commands that take a password behind a letter, and what marks a block.
COMMANDS = (
    *b"curl mysql convertto-securestring redis-cli login sshpass sudo identified openssl mongo".split(),
    *(b"7z ", b"7za ", b"htpasswd -", b"zip -"),
)
#: Those that are telling by themselves.
_TELLING = COMMANDS[-2:]
_OPTIONS = (
    *(b" -u", b" --user", b" --proxy-user", b" -p", b"-asplaintext", b" -a", b"-stdin", b"-with-token", b"-p"),
    *(b" -s", b" by ", b" -k"),
)
#: What stands behind the host in a password file of PostgreSQL: its port, or any and any database.
PORTS = (b":5432:", b":*:*:")
BODIES = (  # how the base64 of a private key begins, behind what tells its length (RFC 8017, 5208, 5915, 8410; OpenSSH)
    *(b"IBADANBgkqhkiG9w0BAQEF", b"IBAAKCA", b"AgEAMBMGByqGSM49AgEG", b"AgEAMBAGByqGSM49AgEG", b"MHcCAQEEI"),
    *(
        b"MIGkAgEBBD",
        b"MIHcAgEBBEI",
        b"MC4CAQAwBQYDK2VwBCIEI",
        b"b3BlbnNzaC1rZXktdjEA",
        b"BOBgkqhkiG9w0BBQ0",
        b"BJBgkqhkiG9w0BBQ0",
    ),
)
#: Looked for everywhere, and not at the heads of long runs alone: a "/" soon behind one of BODIES makes its run a short one.
MARKS = (b"PRIVATE KEY", b"Private-Lines:", *BODIES)


def suspicious(text: bytes, *, whole: bool) -> bool:
    """Whether it is worth while to look closer at TEXT (whole lines, or with `whole` one thing)."""
    low = text.lower()
    return (
        any(mark in text for mark in MARKS)
        or any(word in low and _assigned(low, word) for word in SHORT)
        or (b"@" in text and (b"//" in text.replace(b"\\", b"") or b"@tcp(" in text))
        or any(port in text for port in PORTS)
        or any(word in low for word in _TELLING)
        or (any(word in low for word in COMMANDS) and any(word in low for word in _OPTIONS))
        or _tokens(text, low, runs.find(text, whole=whole))
    )


def _assigned(low: bytes, word: bytes) -> bool:
    """Whether WORD stands somewhere where a value may follow."""
    for at in runs.everywhere(low, word):
        end = at + len(word)
        if may_assign(word, low[end : end + NAME + 24], low[max(0, at - 80) : at]):
            return True
    return False


def _tokens(text: bytes, low: bytes, long: list[Run]) -> bool:
    """Whether literals of rules, or names of tokens, stand in or before the LONG runs."""
    before = b"\n".join([low[lead:start] for lead, start, _, _ in long])
    if any(word in before and _assigned(low, word) for word in LONG):
        return True
    quoted = b"\n".join([text[lead:start] for lead, start, _, _ in long])
    if any(literal in quoted for literal in QUOTED):
        return True
    words = [run for run in long if run[3] != runs.UUID]
    if not words:
        return False
    heads = b" " + b" ".join([text[start : start + JOINED + LITERAL] for _, start, _, _ in words]).translate(_SPLIT)
    led = b"\n".join([text[lead : start + INTO] for lead, start, _, kind in words if kind == runs.LED])
    inside = b"\n".join([text[start:end] for _, start, end, _ in words])
    return (
        any(literal in heads for literal in HEADS)
        or any(literal in inside for literal in INSIDE)
        or any(literal in led for literal in BEFORE)
    )


def may_assign(word: bytes, behind: bytes, before: bytes) -> bool:
    """Whether a value may follow a word: looked at without `re`, which most texts never need."""
    rest = behind.lstrip(_NAME)
    plain = rest.lstrip(b"\\\"'`] \t")
    if plain[:1] in _SIGNS:
        rest = plain.lstrip(_BETWEEN_BYTES)
        left = rest.lstrip(_VALUE_BYTES)
        value = rest[: len(rest) - len(left)]
        if left[:1] == b"\x1b":  # a terminal's colour
            return True
        # Numbers are what most words like `tokens` are followed by; a quote may be a part of the value.
        # In quotes a blank may be a part of it, too.
        quotes = _QUOTES + b" " if plain[len(plain) - len(rest) - 1 : len(plain) - len(rest)] in b"\"'`" else _QUOTES
        more = left.lstrip(quotes)[:1].isalnum() or (word == b"pass" and left[:1] == b" ")
        return bool(value.strip(_NUMBERS)) and (len(value) > 4 or more)
    if plain[:5] == b"value":
        return True
    if rest[:1] not in _BLANKS:
        return False
    return (
        word in _HEADERS
        or rest[:4] == b" is "
        or rest[:5] == b" for "
        or b"value" in rest[:40]
        or any(mark in before for mark in _LED)
    )


_SIGNS = frozenset((b"=", b":", b">", b","))
_BLANKS = frozenset((b" ", b"\t", b"\\", b"\n"))
_HEADERS = (b"bearer", b"basic")
#: What leads to a name that a blank parts from its value: options, netrc, shells that set variables, Dockerfiles.
_LED = (
    *(b"--", b"login", b"set", b"env ", b"config ", b"with", b"role ", b"user ", b"require", b" -store", b" -key"),
    b"nmcli",
)
_BETWEEN_BYTES = b" \t\n\\\"'`:=>,-]*"
_VALUE_BYTES = bytes(byte for byte in range(33, 256) if byte not in b"\"'`[]{}<>")
_QUOTES = b"\"'`\\"
_NUMBERS = runs.DIGITS + b",;()\\."
