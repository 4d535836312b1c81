"""Kinds of credentials that are one string: tokens, keys, passwords and URLs, as their issuers document the format.

`OWN` are recognisable by themselves, wherever they stand; `NAMED` only by the name that they are given to.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.secrets_draw import url

#: name, the usual variable, patterns
Row = tuple[str, str, tuple[str, ...]]

CLOUD: tuple[Row, ...] = (
    ("aws-access-key-id", "AWS_ACCESS_KEY_ID", ("AKIA<q16>", "ASIA<q16>")),
    (
        "aws-bedrock-key",
        "AWS_BEARER_TOKEN_BEDROCK",
        ("ABSKQmVkcm9ja0FQSUtleS<b106>=", "ABSKQmVkcm9ja0FQSUtleS<b104>=="),
    ),
    ("gcp-api-key", "GOOGLE_API_KEY", ("AIza<u35>", "AIzaSy<u33>")),
    ("gcp-client-secret", "GOOGLE_CLIENT_SECRET", ("GOCSPX-<u28>",)),
    ("gcp-access-token", "GOOGLE_ACCESS_TOKEN", ("ya29.a0<u160>", "ya29.c.b0<u240>")),
    ("azure-client-secret", "AZURE_CLIENT_SECRET", ("<w3>8Q~<u34>", "<w3>7Q~<u31>")),
    ("azure-devops-pat", "AZURE_DEVOPS_EXT_PAT", ("<w52>JQQJ99<w18>AZDO<w4>",)),
    ("digitalocean", "DIGITALOCEAN_TOKEN", ("dop_v1_<h64>", "doo_v1_<h64>", "dor_v1_<h64>")),
    ("cloudflare", "CLOUDFLARE_API_TOKEN", ("cfut_<w40><h8>", "cfat_<w40><h8>", "cfk_<w40><h8>")),
    ("heroku", "HEROKU_API_KEY", ("HRKU-AA<u58>", "HRKU-<x>")),
    ("alibaba-key-id", "ALIBABA_CLOUD_ACCESS_KEY_ID", ("LTAI5t<w18>",)),
    ("tencent-secret-id", "TENCENTCLOUD_SECRET_ID", ("AKID<w32>",)),
    ("vault", "VAULT_TOKEN", ("hvs.CAESI<u90>", "hvb.AAAAAQ<u140>", "hvs.<w24>")),
    ("terraform-cloud", "TF_TOKEN_app_terraform_io", ("<w14>.atlasv1.<u67>",)),
    ("fly", "FLY_API_TOKEN", ("fo1_<u43>", "FlyV1 fm2_<b200>")),
    ("databricks", "DATABRICKS_TOKEN", ("dapi<h32>", "dapi<h32>-2")),
    ("doppler", "DOPPLER_TOKEN", ("dp.pt.<w43>", "dp.st.prd.<w43>")),
    ("planetscale", "PLANETSCALE_SERVICE_TOKEN", ("pscale_tkn_<u43>", "pscale_pw_<u43>", "pscale_oauth_<u43>")),
    ("supabase", "SUPABASE_ACCESS_TOKEN", ("sbp_<h40>", "sb_secret_<u22>_<u8>")),
    ("netlify", "NETLIFY_AUTH_TOKEN", ("nfp_<w36>",)),
    ("pulumi", "PULUMI_ACCESS_TOKEN", ("pul-<h40>",)),
    ("tailscale", "TS_AUTHKEY", ("tskey-auth-k<w11>CNTRL-<w32>", "tskey-api-k<w11>CNTRL-<w32>")),
)
HOSTS: tuple[Row, ...] = (
    ("github-pat", "GITHUB_TOKEN", ("ghp_<w36>",)),
    ("github-fine-grained", "GH_TOKEN", ("github_pat_<w22>_<w59>",)),
    ("github-app", "GITHUB_APP_TOKEN", ("ghs_<w36>", "ghu_<w36>", "gho_<w36>", "ghr_<w76>")),
    ("gitlab-pat", "GITLAB_TOKEN", ("glpat-<u20>", "glpat-<u27>.01.<a9>")),
    ("gitlab-other", "CI_DEPLOY_TOKEN", ("gldt-<u20>", "glrt-<u20>", "glptt-<h40>", "glsoat-<u20>", "glagent-<u50>")),
    ("bitbucket", "BITBUCKET_TOKEN", ("ATBB<w24><H8>", "ATCTT3xFfGN0<u160>=<H8>")),
    ("atlassian", "ATLASSIAN_API_TOKEN", ("ATATT3xFfGF0<u171>=<H8>",)),
)
REGISTRIES: tuple[Row, ...] = (
    ("npm", "NPM_TOKEN", ("npm_<w36>",)),
    ("pypi", "TWINE_PASSWORD", ("pypi-AgEIcHlwaS5vcmc<u150>", "pypi-AgENdGVzdC5weXBpLm9yZw<u150>")),
    ("rubygems", "GEM_HOST_API_KEY", ("rubygems_<h48>",)),
    ("crates", "CARGO_REGISTRY_TOKEN", ("cio<w32>",)),
    ("nuget", "NUGET_API_KEY", ("oy2<a43>",)),
    ("docker-hub", "DOCKERHUB_TOKEN", ("dckr_pat_<u27>", "dckr_oat_<u32>")),
    ("artifactory", "ARTIFACTORY_API_KEY", ("AKCp8<w68>", "cmVmdGtuOj<w54>")),
    ("clojars", "CLOJARS_PASSWORD", ("CLOJARS_<h60>",)),
)
MODELS: tuple[Row, ...] = (
    ("anthropic", "ANTHROPIC_API_KEY", ("sk-ant-api03-<u93>AA", "sk-ant-admin01-<u93>AA")),
    ("anthropic-oauth", "CLAUDE_CODE_OAUTH_TOKEN", ("sk-ant-oat01-<u93>AA", "sk-ant-ort01-<u93>AA")),
    (
        "openai",
        "OPENAI_API_KEY",
        ("sk-proj-<u74>T3BlbkFJ<u74>", "sk-svcacct-<u74>T3BlbkFJ<u74>", "sk-<w20>T3BlbkFJ<w20>"),
    ),
    ("huggingface", "HF_TOKEN", ("hf_<m34>", "api_org_<m34>")),
    ("groq", "GROQ_API_KEY", ("gsk_<w52>",)),
    ("replicate", "REPLICATE_API_TOKEN", ("r8_<w37>",)),
    ("perplexity", "PERPLEXITY_API_KEY", ("pplx-<w48>",)),
    ("xai", "XAI_API_KEY", ("xai-<w80>",)),
    ("openrouter", "OPENROUTER_API_KEY", ("sk-or-v1-<h64>",)),
    ("deepseek", "DEEPSEEK_API_KEY", ("sk-<h32>",)),
    ("nvidia", "NVIDIA_API_KEY", ("nvapi-<u64>",)),
    ("elevenlabs", "ELEVENLABS_API_KEY", ("sk_<h48>",)),
    ("langsmith", "LANGSMITH_API_KEY", ("lsv2_pt_<h32>_<h10>", "lsv2_sk_<h32>_<h10>")),
    ("pinecone", "PINECONE_API_KEY", ("pcsk_<w6>_<w63>",)),
    ("tavily", "TAVILY_API_KEY", ("tvly-dev-<w32>", "tvly-<w32>")),
)
TEAMS = "https://acme.webhook.office.com/webhookb2/<x>@<x>/IncomingWebhook/<h32!>/<x>"
SERVICES: tuple[Row, ...] = (
    (
        "slack-token",
        "SLACK_BOT_TOKEN",
        ("xoxb-<d12>-<d13>-<w24!>", "xoxp-<d12>-<d12>-<d13>-<h32!>", "xoxe.xoxp-1-<b146>"),
    ),
    ("slack-app", "SLACK_APP_TOKEN", ("xapp-1-A<U10>-<d13>-<h64!>",)),
    ("slack-webhook", "SLACK_WEBHOOK_URL", ("https://hooks.slack.com/services/T<U10>/B<U10>/<w24!>",)),
    ("discord-bot", "DISCORD_TOKEN", ("MTA<w21>.G<u5>.<u38!>", "MTE<w23>.G<u5>.<u38!>")),
    ("discord-webhook", "DISCORD_WEBHOOK", ("https://discord.com/api/webhooks/<d19>/<u68!>",)),
    ("telegram", "TELEGRAM_BOT_TOKEN", ("<d10>:AA<u33>", "<d9>:AA<u33>")),
    ("teams-webhook", "TEAMS_WEBHOOK", (TEAMS,)),
    ("sendgrid", "SENDGRID_API_KEY", ("SG.<u22>.<u43!>",)),
    ("mailchimp", "MAILCHIMP_API_KEY", ("<h32>-us21", "<h32>-us6")),
    ("brevo", "BREVO_API_KEY", ("xkeysib-<h64>-<w16>",)),
    ("resend", "RESEND_API_KEY", ("re_<w8>_<w24>",)),
    ("stripe", "STRIPE_SECRET_KEY", ("sk_live_51<w97>", "sk_live_<w24>", "rk_live_51<w97>", "sk_test_51<w97>")),
    ("stripe-webhook", "STRIPE_WEBHOOK_SECRET", ("whsec_<w32>", "whsec_<h64>")),
    ("square", "SQUARE_ACCESS_TOKEN", ("EAAAl<u59>", "sq0csp-<u43>", "sq0atp-<u22>")),
    ("braintree", "BRAINTREE_TOKEN", ("access_token$production$<a16>$<h32!>",)),
    ("shopify", "SHOPIFY_ACCESS_TOKEN", ("shpat_<h32>", "shpss_<h32>", "shpca_<h32>", "shppa_<h32>")),
    ("sentry", "SENTRY_AUTH_TOKEN", ("sntrys_eyJpYXQiOjE3<w120>_<b43>", "sntryu_<h64>")),
    ("newrelic", "NEW_RELIC_API_KEY", ("NRAK-<U27>",)),
    ("grafana", "GRAFANA_TOKEN", ("glsa_<w32>_<h8>", "glc_eyJvIjoi<w100>")),
    ("dynatrace", "DT_API_TOKEN", ("dt0c01.<q24>.<q64!>",)),
    ("linear", "LINEAR_API_KEY", ("lin_api_<w40>",)),
    ("notion", "NOTION_TOKEN", ("ntn_<d11><w35>", "secret_<w43>")),
    ("figma", "FIGMA_TOKEN", ("figd_<u40>",)),
    ("airtable", "AIRTABLE_API_KEY", ("pat<w14>.<h64>",)),
    ("dropbox", "DROPBOX_TOKEN", ("sl.B<u135>", "sl.u.A<u200>")),
    ("postman", "POSTMAN_API_KEY", ("PMAK-<h24>-<h34>",)),
    ("launchdarkly", "LAUNCHDARKLY_SDK_KEY", ("sdk-<x>", "api-<x>")),
    ("mapbox", "MAPBOX_SECRET_TOKEN", ("sk.eyJ1Ijoi<w60>.<u22>",)),
    ("onepassword", "OP_SERVICE_ACCOUNT_TOKEN", ("ops_eyJzaWduSW5BZGRyZXNz<w400>",)),
    ("age", "SOPS_AGE_KEY", ("AGE-SECRET-KEY-1<A58>",)),
    ("circleci", "CIRCLE_TOKEN", ("CCIPAT_<w22>_<h40!>", "CCIPRJ_<w22>_<h40!>")),
    ("sonar", "SONAR_TOKEN", ("sqp_<h40>", "squ_<h40>")),
    ("sourcegraph", "SRC_ACCESS_TOKEN", ("sgp_<h16>_<h40>",)),
    ("buildkite", "BUILDKITE_TOKEN", ("bkua_<h40>",)),
)
SERVICE_BUS = "Endpoint=sb:" + "//acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=<b43>="
SAS = (
    "https://acme.blob.core.windows.net/backup?sv=2024-11-04&ss=b&srt=sco&sp=rwdl&se=2026-12-31T00:00:00Z&sig=<w43>%3D"
)
URLS: tuple[Row, ...] = (
    (
        "url-postgres",
        "DATABASE_URL",
        (
            url("postgres", "app", "<w20>", "db.acme.io:5432/app"),
            url("postgresql+asyncpg", "svc", "<p16>", "10.0.3.7/app"),
        ),
    ),
    (
        "url-mysql",
        "MYSQL_URL",
        (url("mysql", "root", "<w18>", "mysql.acme.io:3306/shop"), url("mysql2", "app", "<p17>", "127.0.0.1/shop")),
    ),
    (
        "url-mongodb",
        "MONGO_URI",
        (url("mongodb+srv", "app", "<w16>", "cluster0.ab1cd.mongodb.net/shop?retryWrites=true"),),
    ),
    (
        "url-redis",
        "REDIS_URL",
        (url("redis", "", "<w32>", "cache.acme.io:6379/0"), url("rediss", "default", "<w28>", "fly.acme.io:6380")),
    ),
    ("url-amqp", "CLOUDAMQP_URL", (url("amqps", "shopuser", "<u32>", "rabbit.acme.io/shopuser"),)),
    (
        "url-https",
        "PACKAGE_INDEX",
        (url("https", "builder", "<w22>", "pypi.acme.io/simple/"), url("http", "al", "<p18>", "proxy.acme.io:3128")),
    ),
    ("url-git-remote", "REPO_URL", (url("https", "oauth2", "<w26>", "git.acme.io/team/app.git"),)),
    (
        "url-smtp",
        "SMTP_URL",
        (
            url("smtps", "mailer%40acme.io", "<w19>", "smtp.acme.io:465"),
            url("ftp", "upload", "<w16>", "ftp.acme.io/in"),
        ),
    ),
    (
        "azure-storage-connection",
        "AZURE_STORAGE_CONNECTION_STRING",
        ("DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=<b86>==;EndpointSuffix=core.windows.net",),
    ),
    ("azure-service-bus", "SERVICEBUS_CONNECTION_STRING", (SERVICE_BUS,)),
    ("azure-sas", "BACKUP_URL", (SAS,)),
    (
        "mssql-connection",
        "SQL_CONNECTION",
        ("Server=tcp:acme.database.windows.net,1433;Database=app;User ID=app;Password=<w18>;Encrypt=True;",),
    ),
    ("jdbc", "JDBC_URL", ("jdbc:postgresql://db.acme.io/app?user=app&password=<w18>",)),
    ("odbc", "ODBC_DSN", ("Driver={ODBC Driver 18 for SQL Server};Server=db.acme.io;Uid=app;Pwd=<w17>;",)),
)
NAMED: tuple[Row, ...] = (
    ("aws-secret-access-key", "AWS_SECRET_ACCESS_KEY", ("<b40>",)),
    ("aws-session-token", "AWS_SESSION_TOKEN", ("IQoJb3JpZ2luX2VjE<b360>==", "FwoGZXIvYXdzE<b320>=")),
    ("gcp-refresh-token", "GOOGLE_REFRESH_TOKEN", ("1//0g<u60>",)),
    ("azure-storage-key", "AZURE_STORAGE_KEY", ("<b86>==",)),
    ("azure-openai", "AZURE_OPENAI_API_KEY", ("<h32>", "<w52>JQQJ99<w26>")),
    ("cloudflare-legacy", "CLOUDFLARE_API_KEY", ("<u40>", "<h37>")),
    ("alibaba-secret", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", ("<w30>",)),
    ("hetzner", "HCLOUD_TOKEN", ("<w64>",)),
    ("scaleway", "SCW_SECRET_KEY", ("<x>",)),
    ("gitea", "GITEA_TOKEN", ("<h40>",)),
    ("mistral", "MISTRAL_API_KEY", ("<w32>",)),
    ("cohere", "COHERE_API_KEY", ("<w40>",)),
    ("wandb", "WANDB_API_KEY", ("<h40>",)),
    ("twilio-auth", "TWILIO_AUTH_TOKEN", ("<h32>",)),
    ("datadog", "DD_API_KEY", ("<h32>", "<h40>")),
    ("algolia-admin", "ALGOLIA_ADMIN_API_KEY", ("<h32>",)),
    ("okta", "OKTA_API_TOKEN", ("00<u40>",)),
    ("razorpay", "RAZORPAY_KEY_SECRET", ("<w24>",)),
    ("django-secret-key", "SECRET_KEY", ("<s50>", "<w50>")),
    ("rails-secret", "SECRET_KEY_BASE", ("<h128>", "<h64>")),
    ("rails-master-key", "RAILS_MASTER_KEY", ("<h32>",)),
    ("jwt-secret", "JWT_SECRET", ("<b43>=", "<h64>", "<w32>")),
    ("session-secret", "SESSION_SECRET", ("<w40>", "<h48>")),
    ("encryption-key", "ENCRYPTION_KEY", ("<b43>=", "<h64>")),
    ("client-secret", "OAUTH_CLIENT_SECRET", ("<w32>", "<u43>")),
    ("generic-api-key", "ACME_API_KEY", ("<w32>", "<h40>", "<u28>")),
    ("generic-token", "DEPLOY_TOKEN", ("<w36>", "<u44>")),
    ("webhook-secret", "WEBHOOK_SECRET", ("<h40>", "<w24>")),
    ("db-password", "DB_PASSWORD", ("<w16>", "<w24>", "<s20>")),
    ("admin-password", "ADMIN_PASSWORD", ("<s16>", "<p18>", "<w20>")),
)


def own() -> Iterator[Row]:
    """Every kind whose value tells what it is."""
    yield from (*CLOUD, *HOSTS, *REGISTRIES, *MODELS, *SERVICES, *URLS)
