"""Secrets of code hosts, package registries, build services and tools that keep secrets. Data only, see `rules`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.privacy.rules import Row

_GITHUB = "docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github"
_GITLAB = "docs.gitlab.com/security/tokens/#token-prefixes"
_ATLASSIAN = "support.atlassian.com/organization-administration/docs/understand-user-api-tokens"

TABLE: tuple[Row, ...] = (
    # code hosts
    ("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", "gh[pousr]_[A-Za-z0-9]{36,251}", _GITHUB, "crc"),
    ("github-token", "github_pat_", "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}", _GITHUB),
    ("github-app-token", "ghs_", r"ghs_[A-Za-z0-9_]{4,40}eyJ[\w-]{10,2000}\.[\w-]{10,4000}\.[\w-]{10,1000}", _GITHUB),
    (
        "gitlab-token",
        "glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct- glwt-",
        r"gl(?:pat|dt|rtr?|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt)-[\w-]{20,300}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?",
        _GITLAB,
    ),
    ("gitlab-runner-token", "GR1348941", r"GR1348941[\w-]{20,50}", _GITLAB),
    (
        "bitbucket-app-password",
        "ATBB",
        "ATBB[A-Za-z0-9]{32}",
        "support.atlassian.com/bitbucket-cloud/docs/app-passwords",
    ),
    ("bitbucket-token", "ATCTT3xFfG", r"ATCTT3xFfG[\w-]{100,300}(?:=[0-9A-F]{8})?", _ATLASSIAN),
    ("atlassian-token", "ATATT3xFfG", r"ATATT3xFfG[\w-]{100,300}(?:=[0-9A-F]{8})?", _ATLASSIAN),
    ("sourcegraph-token", "sgp_", "sgp_(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}", "sourcegraph.com/docs/cli/how-tos"),
    # package registries
    (
        "npm-token",
        "npm_",
        "npm_[A-Za-z0-9]{36}",
        "github.blog/2021-09-23-announcing-npms-new-access-token-format",
        "crc",
    ),
    ("pypi-token", "pypi-Ag", r"pypi-Ag[\w-]{50,1000}", "docs.pypi.org/api/secrets; macaroons of pypi.org"),
    ("rubygems-token", "rubygems_", "rubygems_[0-9a-f]{48}", "guides.rubygems.org/api-key-scopes"),
    ("crates-token", "cio", "cio[A-Za-z0-9]{32}", "crates.io/docs: tokens of the registry", "weak"),
    ("nuget-key", "oy2", "oy2[a-z0-9]{43}", "learn.microsoft.com/nuget/nuget-org/scoped-api-keys", "weak"),
    ("docker-token", "dckr_pat_ dckr_oat_", r"dckr_[po]at_[\w-]{27,40}", "docs.docker.com/security/access-tokens"),
    ("packagist-token", "packagist_", "packagist_[ou][ru]t_[0-9a-f]{68}", "packagist.com/docs/api-authentication"),
    ("clojars-token", "CLOJARS_", "CLOJARS_[a-z0-9]{60}", "github.com/clojars/clojars-web/wiki/Deploy-Tokens"),
    ("artifactory-token", "AKCp", "AKCp[A-Za-z0-9]{60,80}", "jfrog.com/help: reference tokens and API keys"),
    ("artifactory-token", "cmVmdGtu", "cmVmdGtu[A-Za-z0-9]{56}", "jfrog.com/help: reference tokens and API keys"),
    ("jsr-token", "jsrp_ jsrw_ jsrd_", "jsr[pwd]_[A-Za-z0-9]{20,80}", "jsr.io/docs/api"),
    # builds and quality
    (
        "circleci-token",
        "CCIPAT_ CCIPRJ_",
        "CCIP(?:AT|RJ)_[A-Za-z0-9]{22}_[0-9a-f]{40}",
        "circleci.com/docs/managing-api-tokens",
    ),
    (
        "buildkite-token",
        "bkua_ bkpt_ bkct_ bkat_",
        "bk(?:ua|pt|ct|at)_[0-9A-Za-z]{40,64}",
        "buildkite.com/docs/platform/security/tokens",
    ),
    ("sonar-token", "squ_ sqp_ sqa_", "sq[upa]_[0-9a-f]{40}", "docs.sonarsource.com: managing your tokens"),
    (
        "snyk-token",
        "snyk_uat. snyk_sat.",
        r"snyk_[us]at\.[0-9a-f]{8}\.[\w.-]{40,200}",
        "docs.snyk.io/snyk-api/authentication-for-api",
    ),
    (
        "postman-key",
        "PMAK-",
        "PMAK-[0-9a-f]{24}-[0-9a-f]{34}",
        "learning.postman.com/docs/developer/postman-api/authentication",
    ),
    ("readme-key", "rdme_", "rdme_[a-z0-9]{70}", "docs.readme.com/main/reference/authentication"),
    ("prefect-key", "pnu_ pnb_", "pn[ub]_[A-Za-z0-9]{36}", "docs.prefect.io: API keys"),
    ("deno-token", "ddp_ ddo_", "dd[po]_[A-Za-z0-9]{36}", "docs.deno.com/deploy/api"),
    (
        "launchdarkly-key",
        "sdk- api- mob-",
        "(?:sdk|api|mob)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "launchdarkly.com/docs/home/account/api",
        "weak",
    ),
    # what keeps secrets
    ("vault-token", "hvs. hvb. hvr.", r"hv[sbr]\.[\w-]{24,300}", "developer.hashicorp.com/vault/docs/concepts/tokens"),
    (
        "terraform-token",
        ".atlasv1.",
        r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,80}",
        "developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens",
        "",
        14,
    ),
    (
        "pulumi-token",
        "pul-",
        "pul-[0-9a-f]{40}",
        "pulumi.com/docs/pulumi-cloud/access-management/access-tokens",
        "weak",
    ),
    (
        "doppler-token",
        "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.",
        r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]{1,40}\.)?[A-Za-z0-9]{40,44}",
        "docs.doppler.com/reference/auth-token-formats",
    ),
    ("1password-token", "ops_eyJ", r"ops_eyJ[\w+/=-]{150,2000}", "developer.1password.com/docs/service-accounts"),
    (
        "1password-secret-key",
        "A3-",
        "A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
        "support.1password.com/secret-key",
        "weak",
    ),
    (
        "age-secret-key",
        "AGE-SECRET-KEY- AGE-PLUGIN-",
        "AGE-(?:SECRET-KEY|PLUGIN-[A-Z0-9]{1,30})-(?:PQ-)?1[02-9AC-HJ-NP-Z]{50,2200}",
        "age-encryption.org/v1",
    ),
    (
        "infisical-token",
        "st.",
        r"st\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[0-9a-f]{32}\.[0-9a-f]{32}",
        "infisical.com/docs/documentation/platform/token",
        "weak",
    ),
    # base64 of "-----BEGIN " and what a private key goes on with
    (
        "private-key-base64",
        "LS0tLS1CRUdJTi",
        r"LS0tLS1CRUdJTi(?:BSU0Eg|BQUklW|BFQyBQ|BPUEVO|BFTkNS|BEU0Eg|BQR1Ag)[A-Za-z0-9+/=_-]{60,20000}",
        "RFC 7468 in RFC 4648 (kubeconfig: kubernetes.io/docs/reference/config-api/kubeconfig.v1)",
        "long",
    ),
    (
        "private-key-jwk",
        r'"d": "d\": "d\\\":',
        r'"d\\{0,7}": {0,2}\\{0,7}"([\w-]{32,700})',
        "RFC 7518 section 6, RFC 8037 section 2",
        "jwk",
    ),
)
