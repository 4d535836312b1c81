"""Secrets of clouds, hosting, databases and networks. Data only, see `rules`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.privacy.rules import Row

_AWS = "docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids"
_GOOGLE = "cloud.google.com/docs/authentication/api-keys"
_OAUTH = "developers.google.com/identity/protocols/oauth2"
_AZURE = "learn.microsoft.com/purview/sit-defn-all-creds"
_CLOUDFLARE = "developers.cloudflare.com/fundamentals/api/get-started/token-formats"
_BETWEEN = r"(?:[\s,;:\"'|]|\\[nt]?){1,24}"

TABLE: tuple[Row, ...] = (
    # Amazon
    ("aws-secret-key", "AKIA ASIA", rf"A[KS]IA[A-Z0-9]{{16}}{_BETWEEN}([A-Za-z0-9+/]{{40}})", _AWS, "mixed"),
    ("aws-access-key", "AKIA ASIA ABIA ACCA", "A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}", _AWS),
    ("aws-bedrock-key", "ABSK", "ABSK[A-Za-z0-9+/]{100,270}={0,2}", "docs.aws.amazon.com/bedrock: API keys"),
    (
        "aws-bedrock-key",
        "bedrock-api-key-",
        "bedrock-api-key-[A-Za-z0-9+/]{60,4000}={0,2}",
        "docs.aws.amazon.com/bedrock: API keys",
    ),
    (
        "aws-mws-token",
        "amzn.mws.",
        r"amzn\.mws\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "developer-docs.amazon.com: MWS auth tokens",
    ),
    # Google
    ("google-api-key", "AIza", r"AIza[\w-]{35}", _GOOGLE),
    ("google-api-key", "AQ.Ab", r"AQ\.Ab[\w-]{40,80}", "ai.google.dev/gemini-api/docs/api-key"),
    ("google-oauth-secret", "GOCSPX-", r"GOCSPX-[\w-]{28}", _OAUTH),
    ("google-refresh-token", "1//0", r"1//0[\w-]{30,200}", _OAUTH),
    ("google-access-token", "ya29.", r"ya29\.(?:[a-z]\.)?[\w-]{20,2000}(?:\.[\w-]{1,200}){0,3}", _OAUTH),
    (
        "firebase-server-key",
        "AAAA",
        r"AAAA[\w-]{7}:[\w-]{140}",
        "firebase.google.com/docs/cloud-messaging/auth-server",
        "led",
    ),
    # Microsoft
    ("azure-client-secret", "7Q~ 8Q~ 9Q~", r"[\w.~-]{3}[789]Q~[\w.~-]{31,34}", _AZURE, "", 3),
    ("azure-key", "JQQJ9", "[A-Za-z0-9]{52}JQQJ9[9A-Za-z][A-Za-z0-9]{26}", _AZURE, "", 52),
    ("azure-key", "AzSe", "[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}", _AZURE, "", 42),
    ("azure-key", "AzFu", r"[\w-]{44}AzFu[\w-]{5}[AQgw]==", _AZURE, "", 44),
    (
        "azure-devops-token",
        "AZDO",
        "[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",
        "learn.microsoft.com/azure/devops: personal access tokens",
        "",
        76,
    ),
    (
        "azure-sas",
        "sig=",
        r"sig=([A-Za-z0-9%+/]{40,120}(?:=|%3[dD]){0,2})",
        "learn.microsoft.com/rest/api/storageservices/create-service-sas",
        "mixed",
    ),
    # other clouds
    ("alibaba-access-key", "LTAI", "LTAI[A-Za-z0-9]{16,20}", "alibabacloud.com/help/ram: AccessKey pairs"),
    ("tencent-secret-id", "AKID", "AKID[A-Za-z0-9]{32}", "cloud.tencent.com/document/product/598: API keys"),
    ("volcengine-access-key", "AKLT", "AKLT[A-Za-z0-9]{40,60}", "volcengine.com/docs/6291: access keys"),
    ("yandex-key", "AQVN", r"AQVN[\w-]{35,38}", "yandex.cloud/docs/iam/concepts/authorization/api-key"),
    (
        "yandex-token",
        "y0_ y1_ y2_ y3_",
        r"y[0-3]_[\w-]{50,200}",
        "yandex.cloud/docs/iam/concepts/authorization/oauth-token",
    ),
    (
        "digitalocean-token",
        "dop_v1_ doo_v1_ dor_v1_",
        "do[opr]_v1_[0-9a-f]{64}",
        "docs.digitalocean.com/reference/api/create-personal-access-token",
    ),
    ("cloudflare-token", "cfk_ cfut_ cfat_", "cf(?:k|ut|at)_[A-Za-z0-9_-]{40,60}", _CLOUDFLARE, "weak"),
    (
        "cloudflare-ca-key",
        "v1.0-",
        "v1[.]0-[0-9a-f]{24}-[0-9a-f]{146}",
        "developers.cloudflare.com/fundamentals/api/get-started/ca-keys",
    ),
    ("heroku-key", "HRKU-", r"HRKU-[\w-]{36,80}", "devcenter.heroku.com/articles/authentication"),
    ("fly-token", "fm1r_ fm2_ fo1_", r"(?:fm1[ar]_|fm2_|fo1_)[\w+/=-]{40,2000}", "fly.io/docs/security/tokens"),
    ("netlify-token", "nfp_ nfo_ nfc_ nfu_", "nf[pocu]_[A-Za-z0-9]{36,60}", "docs.netlify.com/api/get-started"),
    ("vercel-token", "vcp_ vci_ vca_ vcr_ vck_", "vc[piark]_[A-Za-z0-9]{24,80}", "vercel.com/docs/rest-api"),
    ("render-key", "rnd_", "rnd_[A-Za-z0-9]{28,40}", "render.com/docs/api"),
    ("scaleway-key", "SCW", "SCW[A-Z0-9]{17}", "scaleway.com/docs/iam/concepts/#api-key", "weak"),
    (
        "tailscale-key",
        "tskey-",
        r"tskey-[a-z]{2,12}-[A-Za-z0-9]{8,30}-[A-Za-z0-9]{16,64}",
        "tailscale.com/kb/1277/key-prefixes",
    ),
    # data
    ("databricks-token", "dapi", "dapi[0-9a-f]{32}(?:-[0-9])?", "docs.databricks.com/dev-tools/auth/pat", "weak"),
    ("databricks-secret", "dose", "dose[0-9a-f]{32}", "docs.databricks.com/dev-tools/auth/oauth-m2m", "weak"),
    (
        "planetscale-token",
        "pscale_tkn_ pscale_pw_ pscale_oauth_",
        r"pscale_(?:tkn|pw|oauth)_[\w.=-]{32,64}",
        "planetscale.com/docs/api/reference/service-tokens",
    ),
    (
        "supabase-key",
        "sbp_ sb_secret_",
        r"sbp_(?:v0_|oauth_)?[0-9a-f]{40}|sb_secret_[\w-]{22,60}",
        "supabase.com/docs/guides/api/api-keys",
    ),
    ("neon-key", "napi_", "napi_[a-z0-9]{60,70}", "neon.tech/docs/manage/api-keys"),
    ("mongodb-secret", "mdb_sa_sk_", r"mdb_sa_sk_[\w-]{30,60}", "mongodb.com/docs/atlas/api/service-accounts-overview"),
    (
        "cockroach-key",
        "CCDB1_",
        "CCDB1_[A-Za-z0-9]{22}_[A-Za-z0-9]{40}",
        "cockroachlabs.com/docs/cockroachcloud/managing-access",
    ),
    (
        "aiven-token",
        "aivenv1",
        "aivenv1[A-Za-z0-9+/]{40,600}={0,2}",
        "aiven.io/docs/platform/concepts/authentication-tokens",
    ),
    (
        "confluent-secret",
        "cflt",
        "cflt[A-Za-z0-9+/]{60}",
        "docs.confluent.io/cloud/current/security/authenticate: API keys",
        "weak",
    ),
    ("dropbox-token", "sl.", r"sl\.(?:u\.)?[\w-]{130,2000}", "developers.dropbox.com/oauth-guide"),
    # what stands for itself anywhere
    ("jwt", "eyJ", r"eyJ[\w-]{17,4000}\.eyJ[\w-]{10,8000}\.[\w-]{16,4000}", "RFC 7519"),
    ("jwe", "eyJ", r"eyJ[\w-]{17,4000}\.[\w-]{0,2000}\.[\w-]{10,64}\.[\w-]{10,8000}\.[\w-]{16,64}", "RFC 7516"),
)
