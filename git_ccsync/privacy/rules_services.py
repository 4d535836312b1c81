"""Secrets of chat, mail, payment, monitoring and office services. Data only, see `rules`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.privacy.rules import Row

_SLACK = "api.slack.com/authentication/token-types"
_NEWRELIC = "docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys"
_SHOPIFY = "shopify.dev/docs/apps/auth"
_GRAFANA = "grafana.com/docs/grafana-cloud: tokens"
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

TABLE: tuple[Row, ...] = (
    # chat
    (
        "slack-token",
        "xoxb- xoxp- xoxa- xoxr- xoxs- xoxo- xoxc- xoxd- xoxe- xoxe.xox",
        r"xox(?:[a-z]|e\.xox[bp])-[\w%.-]{20,600}",
        _SLACK,
    ),
    ("slack-app-token", "xapp- xwfp-", r"x(?:app|wfp)-[\w-]{30,300}", _SLACK),
    (
        "slack-webhook",
        r"services/T services\/T services\\/T services\\\\/T",
        r"services\\{0,4}/(T[A-Z0-9]{6,12}\\{0,4}/B[A-Z0-9]{6,12}\\{0,4}/[A-Za-z0-9]{20,30})",
        "api.slack.com/messaging/webhooks",
    ),
    (
        "discord-webhook",
        r"webhooks/ webhooks\/ webhooks\\/ webhooks\\\\/",
        r"webhooks\\{0,4}/(\d{16,20}\\{0,4}/[\w-]{60,80})",
        "discord.com/developers/docs/resources/webhook",
    ),
    (
        "discord-token",
        "MT MD Mj Mz NT ND Nj Nz OT OD",
        r"[MNO][DTjz][\w-]{21,26}\.[\w-]{6}\.[\w-]{27,40}",
        "discord.com/developers/docs/reference#authentication",
        "weak",
    ),
    ("telegram-token", ":AA", r"(?<=\d{8}):(AA[\w-]{33})", "core.telegram.org/bots/api#authorizing-your-bot"),
    (
        "teams-webhook",
        "IncomingWebhook/",
        rf"IncomingWebhook/([0-9a-f]{{32}}/{_UUID}[\w/-]{{0,80}})",
        "learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors",
    ),
    # calls and mail
    ("twilio-key", "SK", "SK[0-9a-f]{32}", "twilio.com/docs/iam/api-keys", "weak"),
    ("sendgrid-key", "SG.", r"SG\.[\w-]{20,24}\.[\w-]{39,50}", "docs.sendgrid.com/ui/account-and-settings/api-keys"),
    (
        "mailgun-key",
        "key-",
        "key-[0-9a-f]{32}",
        "documentation.mailgun.com/docs/mailgun/user-manual/api-key-mgmt",
        "weak",
    ),
    (
        "mailchimp-key",
        "-us",
        r"[0-9a-f]{32}-us\d{1,2}",
        "mailchimp.com/developer/marketing/guides/quick-start",
        "weak",
        32,
    ),
    (
        "brevo-key",
        "xkeysib- xsmtpsib-",
        "x(?:keysib|smtpsib)-[0-9a-f]{64}-[A-Za-z0-9]{16}",
        "developers.brevo.com/docs/getting-started",
    ),
    (
        "resend-key",
        "re_",
        "re_[A-Za-z0-9]{8,12}_[A-Za-z0-9]{20,28}",
        "resend.com/docs/api-reference/introduction",
        "weak",
    ),
    ("mailersend-token", "mlsn.", r"mlsn\.[0-9a-f]{64}", "developers.mailersend.com/general.html#authentication"),
    (
        "intercom-token",
        "dG9rO",
        "dG9rO[A-Za-z0-9+/]{40,80}={0,2}",
        "developers.intercom.com/docs/build-an-integration: access tokens",
    ),
    (
        "twitter-bearer",
        "AAAAAAAAAAAAAAAAAAAAA",
        "A{20,24}[A-Za-z0-9%]{60,120}",
        "docs.x.com/fundamentals/authentication/oauth-2-0/bearer-tokens",
        "long",
    ),
    (
        "facebook-token",
        "EAA",
        "EAA[A-Za-z0-9]{90,400}",
        "developers.facebook.com/docs/facebook-login/guides/access-tokens",
    ),
    # payment and shops
    (
        "stripe-key",
        "sk_live_ sk_test_ rk_live_ rk_test_",
        "[sr]k_(?:live|test)_[A-Za-z0-9]{14,250}",
        "docs.stripe.com/keys",
    ),
    (
        "stripe-webhook-secret",
        "whsec_",
        "whsec_[A-Za-z0-9+/]{24,80}={0,2}",
        "docs.stripe.com/webhooks#verify-official-libraries",
    ),
    (
        "square-token",
        "sq0atp- sq0csp- sq0idp-",
        r"sq0(?:atp|csp)-[\w-]{22,43}",
        "developer.squareup.com/docs/build-basics/access-tokens",
    ),
    ("square-token", "EAAA", r"EAAA[\w-]{56,64}", "developer.squareup.com/docs/build-basics/access-tokens"),
    (
        "paypal-token",
        "$production$ $sandbox$",
        r"\$(?:production|sandbox)\$([0-9a-z]{16}\$[0-9a-f]{32})",
        "developer.paypal.com/braintree/docs/guides/authorization",
    ),
    (
        "shopify-token",
        "shpat_ shpca_ shppa_ shpss_ shptka_ shpua_",
        "shp(?:at|ca|pa|ss|tka|ua)_[0-9a-fA-F]{32}",
        _SHOPIFY,
    ),
    (
        "plaid-token",
        "access-sandbox- access-development- access-production-",
        f"access-[a-z]{{7,11}}-{_UUID}",
        "plaid.com/docs/api/tokens",
    ),
    (
        "razorpay-key",
        "rzp_live_ rzp_test_",
        "rzp_(?:live|test)_[A-Za-z0-9]{14,20}",
        "razorpay.com/docs/payments/dashboard/account-settings/api-keys",
    ),
    (
        "flutterwave-key",
        "FLWSECK",
        "FLWSECK(?:_TEST)?-[0-9a-zA-Z]{32}-X",
        "developer.flutterwave.com/docs/authentication",
    ),
    (
        "paddle-key",
        "pdl_",
        r"pdl_(?:live|sdbx)_apikey_[\w]{40,80}",
        "developer.paddle.com/api-reference/about/authentication",
    ),
    ("easypost-key", "EZAK EZTK", "EZ[AT]K[A-Za-z0-9]{54}", "docs.easypost.com/docs/authentication"),
    (
        "shippo-token",
        "shippo_live_ shippo_test_",
        "shippo_(?:live|test)_[0-9a-f]{40}",
        "docs.goshippo.com/docs/guides_general/authentication",
    ),
    (
        "duffel-token",
        "duffel_live_ duffel_test_",
        r"duffel_(?:live|test)_[\w-]{40,50}",
        "duffel.com/docs/api/overview/authentication",
    ),
    (
        "adyen-key",
        "AQE",
        r"AQE[a-z][A-Za-z0-9+/-]{80,300}={0,2}(?:-[A-Za-z0-9+/]{20,80}=?-[^\s\"'\\]{8,40})?",
        "docs.adyen.com/development-resources/api-credentials",
    ),
    # monitoring
    ("newrelic-key", "NRAK- NRIQ- NRII- NRSP- NRJS-", r"NR(?:AK|IQ|II|SP|JS)-[\w-]{19,40}", _NEWRELIC),
    ("newrelic-license", "NRAL", "[0-9a-f]{36}NRAL", _NEWRELIC, "", 36),
    ("newrelic-license", "FFFFNRAL", "[0-9a-f]{32}FFFFNRAL", _NEWRELIC, "", 32),
    ("sentry-token", "sntrys_eyJ", r"sntrys_eyJ[\w+/=-]{40,1000}", "docs.sentry.io/account/auth-tokens"),
    (
        "sentry-token",
        "sntryu_ sntrya_ sntryr_ sntryi_",
        "sntry[uari]_[0-9a-f]{64}",
        "docs.sentry.io/account/auth-tokens",
    ),
    ("grafana-token", "glsa_", "glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}", _GRAFANA),
    ("grafana-token", "glc_", "glc_[A-Za-z0-9+/]{32,400}={0,2}", _GRAFANA),
    ("grafana-key", "eyJrIjoi", "eyJrIjoi[A-Za-z0-9+/]{60,400}={0,2}", "grafana.com/docs/grafana: API keys"),
    (
        "dynatrace-token",
        "dt0",
        r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}",
        "docs.dynatrace.com: access tokens, format",
        "led",
    ),
    (
        "honeycomb-key",
        "hcaik_ hcxik_ hcalk_ hcamk_",
        "hc[ax][ilm]k_[A-Za-z0-9]{30,80}",
        "docs.honeycomb.io/configure/environments/manage-api-keys",
    ),
    ("axiom-token", "xaat- xapt-", f"xa[ap]t-{_UUID}", "axiom.co/docs/reference/tokens"),
    ("posthog-key", "phx_", "phx_[A-Za-z0-9]{40,60}", "posthog.com/docs/api#authentication"),
    (
        "pagerduty-key",
        "u+ y_NbAkKc",
        r"u\+[\w+-]{18}|y_NbAkKc[\w+-]{12,18}",
        "support.pagerduty.com/docs/api-access-keys",
        "weak",
    ),
    ("rootly-key", "rootly_", "rootly_[0-9a-f]{64}", "docs.rootly.com/api-reference/overview"),
    # the office
    ("linear-key", "lin_api_ lin_oauth_ lin_wh_", "lin_(?:api|oauth|wh)_[A-Za-z0-9]{32,64}", "linear.app/developers"),
    ("notion-token", "ntn_", "ntn_[A-Za-z0-9]{40,60}", "developers.notion.com/docs/authorization"),
    ("notion-token", "secret_", "secret_[A-Za-z0-9]{43}", "developers.notion.com/docs/authorization"),
    (
        "figma-token",
        "figd_ figu_ figo_ figh_ figor_",
        r"fig(?:[duoh]|or)_[\w-]{36,60}",
        "developers.figma.com/docs/rest-api/authentication",
    ),
    (
        "airtable-token",
        "pat",
        r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}",
        "airtable.com/developers/web/api/authentication",
        "led",
    ),
    (
        "asana-token",
        "0/1 1/1 2/1",
        r"[012]/\d{15,17}(?:/\d{15,17})?:[0-9a-f]{32}",
        "developers.asana.com/docs/personal-access-token",
        "weak",
    ),
    (
        "hubspot-token",
        "pat-na pat-eu pat-ap",
        rf"pat-[a-z]{{2}}\d-{_UUID}",
        "developers.hubspot.com/docs/apps/legacy-apps/private-apps/overview",
    ),
    (
        "salesforce-token",
        "00D",
        r"00D[A-Za-z0-9]{12,15}![A-Za-z0-9_.]{60,200}",
        "help.salesforce.com: session ids and access tokens",
        "led",
    ),
    ("contentful-token", "CFPAT-", r"CFPAT-[\w-]{43}", "contentful.com/developers/docs/references/authentication"),
    ("typeform-token", "tfp_", r"tfp_[\w-]{40,60}", "typeform.com/developers/get-started/personal-access-token"),
    (
        "trello-token",
        "ATTA",
        "ATTA[0-9a-f]{64}[A-Z0-9]{0,8}",
        "developer.atlassian.com/cloud/trello/guides/rest-api/api-introduction",
    ),
    ("clickup-token", "pk_", r"pk_\d{5,10}_[A-Z0-9]{32}", "developer.clickup.com/docs/authentication", "weak"),
    ("mapbox-token", "sk.eyJ tk.eyJ", r"[st]k\.eyJ[\w-]{20,300}\.[\w-]{16,60}", "docs.mapbox.com/api/accounts/tokens"),
    ("frameio-token", "fio-u-", r"fio-u-[\w-]{64}", "developer.frame.io/docs/getting-started/authentication"),
    ("sanity-token", "sk", "sk[A-Za-z0-9]{78,200}", "sanity.io/docs/http-auth", "weak"),
    (
        "make-webhook",
        "hook.eu hook.us hook.integromat.com",
        r"hook\.(?:[a-z]{2}\d\.make|integromat)\.com/([a-z0-9]{30,40})",
        "help.make.com/webhooks",
    ),
)
