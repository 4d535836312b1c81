"""Secrets of the providers of models and of what is built around them. Data only, see `rules`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.privacy.rules import Row

_ANTHROPIC = "docs.anthropic.com/en/api/overview#authentication"
_OPENAI = "platform.openai.com/docs/api-reference/authentication"

TABLE: tuple[Row, ...] = (
    ("anthropic-key", "sk-ant-", r"sk-ant-[a-z]{2,8}\d\d-[\w-]{24,300}", _ANTHROPIC),
    ("openrouter-key", "sk-or-", "sk-or-v\\d-[0-9a-f]{64}", "openrouter.ai/docs/api-reference/authentication"),
    ("langfuse-key", "sk-lf-", "sk-lf-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "langfuse.com/docs/api"),
    ("openai-key", "sk-proj- sk-svcacct- sk-admin- sk-service-", r"sk-[a-z]{4,8}-[\w-]{20,300}", _OPENAI),
    # Many providers with an interface like OpenAI's hand out keys like theirs of old.
    ("openai-key", "sk-", r"sk-(?:[a-z]{2,8}-)?[A-Za-z0-9]{20,100}", _OPENAI, "weak"),
    ("huggingface-token", "hf_", "hf_[A-Za-z0-9]{30,40}", "huggingface.co/docs/hub/security-tokens"),
    ("huggingface-token", "api_org_", "api_org_[A-Za-z0-9]{34}", "huggingface.co/docs/hub/security-tokens"),
    ("groq-key", "gsk_", "gsk_[A-Za-z0-9]{48,56}", "console.groq.com/docs/quickstart"),
    ("replicate-token", "r8_", "r8_[A-Za-z0-9]{37}", "replicate.com/docs/reference/http#authentication"),
    ("xai-key", "xai-", "xai-[A-Za-z0-9]{70,90}", "docs.x.ai/docs/tutorial"),
    ("perplexity-key", "pplx-", "pplx-[A-Za-z0-9]{40,60}", "docs.perplexity.ai/getting-started"),
    ("together-key", "tgp_v1_", r"tgp_v1_[\w-]{43}", "docs.together.ai/docs/api-keys"),
    ("fireworks-key", "fw_", "fw_[A-Za-z0-9]{21,40}", "docs.fireworks.ai/api-reference/introduction", "weak"),
    ("nvidia-key", "nvapi-", r"nvapi-[\w-]{60,70}", "docs.nvidia.com/nim: NGC personal keys"),
    ("cerebras-key", "csk-", "csk-[a-z0-9]{48}", "inference-docs.cerebras.ai/quickstart", "weak"),
    ("elevenlabs-key", "sk_", "sk_[0-9a-f]{48}", "elevenlabs.io/docs/api-reference/authentication", "weak"),
    (
        "langsmith-key",
        "lsv2_",
        "lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}",
        "docs.smith.langchain.com: create an API key",
    ),
    ("wandb-key", "wandb_v1_", r"wandb_v1_[\w-]{40,100}", "docs.wandb.ai: API keys"),
    ("pinecone-key", "pcsk_", r"pcsk_[\w]{50,90}", "docs.pinecone.io/guides/projects/manage-api-keys"),
    ("tavily-key", "tvly-", r"tvly-(?:dev-|prod-)?[A-Za-z0-9]{28,60}", "docs.tavily.com/documentation/quickstart"),
    ("firecrawl-key", "fc-", "fc-[0-9a-f]{32}", "docs.firecrawl.dev/introduction", "weak"),
    ("jina-key", "jina_", r"jina_[0-9a-f]{32}[\w-]{20,40}", "jina.ai/api-dashboard"),
    ("voyage-key", "pa-", r"pa-[\w-]{43}", "docs.voyageai.com/docs/api-key-and-installation", "weak"),
    ("e2b-key", "e2b_", "e2b_[0-9a-f]{40}", "e2b.dev/docs/api-key"),
    ("modal-token", "as- ak-", "a[sk]-[A-Za-z0-9]{22}", "modal.com/docs/reference/cli/token", "weak"),
)
