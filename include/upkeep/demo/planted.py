"""What is really wrong with the shop, and what the programme must therefore find: all of this and nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from upkeep.demo.web import watched


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault and one finding it must lead to. `about` is part of the finding's object or title."""

    fault: str
    duty: str
    rule: str
    about: str


@dataclass(frozen=True, slots=True)
class Found:
    """One finding as stored."""

    severity: str
    target: str
    duty: str
    rule: str
    object: str
    title: str

    def is_of(self, planted: Planted) -> bool:
        """Whether this fault explains this finding."""
        same = (self.duty, self.rule) == (planted.duty, planted.rule)
        return same and planted.about in f"{self.object} {self.title}"


_BY_PROMETHEUS = (
    Planted("a release that made the API slow for hours", "golden_signals", "slow", "p95"),
    Planted("a release that made the API slow for hours", "deployments", "worse_deployment", "api-1000"),
)
PLANTED = (
    *(_BY_PROMETHEUS if watched.installed() else ()),
    Planted("table bloat", "table_bloat", "bloated_table", "public.visits"),
    Planted("an unused index", "unused_indexes", "unused_index", "public.orders_total_status"),
    Planted("a duplicate index", "duplicate_indexes", "duplicate_index", "public.customers_"),
    Planted("an invalid index", "invalid_indexes", "index_invalid", "public.customers_phone_key"),
    Planted("a foreign key without index", "foreign_key_indexes", "foreign_key_without_index", "public.payments"),
    Planted("stale statistics", "stale_statistics", "never_analyzed", "public.stock_history"),
    Planted("a sequence near its end", "sequences", "sequence_near_end", "public.invoices_id_seq"),
    Planted("a session idle in transaction", "idle_in_transaction", "idle_in_transaction", "shop_app@checkout"),
    Planted("a session that blocks others", "blocking", "blocks_others", "shop_app@checkout"),
    Planted("a slow query", "query_performance", "statement_slow", "revenue"),
    Planted("a slow query", "slow_queries", "slow_query", "revenue"),
    Planted("a query that got slower", "query_regressions", "statement_slower", "tracking_code"),
    Planted("an orphaned replication slot", "replication_slots", "slot_inactive", "analytics_copy"),
    Planted("an abandoned prepared transaction", "prepared_transactions", "prepared_transaction_abandoned", "supplier-import-7"),
    Planted("an over-privileged login", "login_privileges", "privileged_login", "shop_importer"),
    Planted("connections near their limit", "connection_use", "connections_near_limit", "role shop_reports"),
    Planted("a package that is exploited", "vulnerabilities", "vulnerability", "pillow"),
    Planted("a package that is exploited", "security_patches", "patch_available", "pillow"),
    Planted("a package with a critical fault", "vulnerabilities", "vulnerability", "demo-ledger"),
    Planted("a package with a critical fault", "security_patches", "patch_available", "demo-ledger"),
    Planted("a fault of the front end", "vulnerabilities", "vulnerability", "@demo/cart-widget"),
    Planted("a fault of the front end", "security_patches", "patch_available", "@demo/cart-widget"),
    Planted("a fault whose waiver has ended", "vulnerabilities", "vulnerability", "demo-barcode"),
    Planted("a fault whose waiver has ended", "security_patches", "patch_available", "demo-barcode"),
    Planted("a fault of the image", "vulnerabilities", "vulnerability", "libdemo-tls3"),
    Planted("a fault of the image", "security_patches", "patch_available", "libdemo-tls3"),
    Planted("packages of unknown licence", "inventory", "licence_unknown", "shop-code"),
    Planted("a cost that jumped", "spend_anomalies", "spend_rise", "AWS Lambda"),
    Planted("a cost that jumped", "spend", "service_costs_more", "AWS Lambda"),
    Planted("a cost that jumped", "spend", "tag_costs_more", "team=checkout"),
    Planted("a cost that drifts", "spend_anomalies", "spend_drift", "Amazon Simple Storage Service"),
    Planted("costs that offset each other", "spend_anomalies", "spend_rise", "AmazonCloudWatch"),
    Planted("costs that offset each other", "spend_anomalies", "spend_fall", "Amazon OpenSearch Service"),
    Planted("a commitment that is half used", "commitments", "commitment_unused", "ri-web-2025"),
    Planted("costs without a team", "spend", "unallocated", "team (USD)"),
    Planted("a budget that is spent", "budgets", "budget_spent", "support"),
    Planted("a release that failed a third of all requests", "golden_signals", "error_rate", "requests"),
    Planted("a release that failed a third of all requests", "deployments", "worse_deployment", "web-"),
    Planted("a release that failed a third of all requests", "slo", "burn_page", "availability"),
    Planted("a closed month that changed", "import_costs", "month_restated", "Amazon Relational Database Service"),
    Planted("a secret past its age", "secret_age", "secret_never_rotated", "partner token"),
    Planted("a rotation that stopped half-way", "secret_age", "rotation_stuck", "warehouse key"),
    Planted("an instance that does nothing", "opportunities", "idle_instances", "old reporting"),
    Planted("an instance larger than its load", "opportunities", "oversized_instances", "mailer"),
    Planted("an instance of an old generation", "opportunities", "old_generation_instances", "invoices"),
    Planted("a development instance that is on at night", "opportunities", "development_at_night", "staging"),
    Planted("a volume that nothing has", "opportunities", "unattached_volumes", "copy of orders"),
    Planted("a volume of an old type", "opportunities", "old_generation_volumes", "search index"),
    Planted("a volume with unused IOPS", "opportunities", "over_provisioned_iops", "invoices"),
    Planted("an address that nothing answers at", "opportunities", "idle_addresses", "203.0.113.20"),
    Planted("snapshots of a volume that is gone", "opportunities", "snapshots_without_parent", "vol-0a100000000000f1"),
    Planted("a NAT gateway that passes nothing on", "opportunities", "idle_nat_gateways", "old network"),
    Planted("a database that nobody connects to", "opportunities", "idle_databases", "old-catalogue"),
    Planted("a load balancer without targets", "opportunities", "idle_load_balancers", "campaign"),
    Planted("logs that are kept for ever", "opportunities", "log_groups_without_retention", "/shop/checkout"),
    Planted("an upload that never ended", "opportunities", "incomplete_uploads", "shop-exports"),
)

# True, and no promise: these follow from what is planted, or depend on the day and on the programs of this machine.
EXPLAINED = (
    Planted("a release that failed a third of all requests", "slo", "burn_ticket", "availability"),
    Planted("a release that failed a third of all requests", "anomalies", "error_share_rise", "errors"),
    Planted("a commitment that is half used", "opportunities", "uncommitted", "EC2"),
    Planted("an abandoned prepared transaction", "vacuum", "rows_not_removable", "supplier-import-7"),
    Planted("an old server", "postgres_releases", "security_release_missed", "shop"),
    Planted("an old server", "postgres_releases", "minor_release_missed", "shop"),
    Planted("a secret past its age", "readiness", "rotation", "partner token"),
    Planted("a rotation that stopped half-way", "readiness", "rotation", "warehouse key"),
    Planted("an old program of this machine", "runtimes", "end_of_life", ""),
    Planted("a disk of this machine", "infrastructure", "disk", "shop-api-1"),
    *(Planted("no Prometheus here", "readiness", rule, "shop-api") for rule in ("signals", "infrastructure", "alerts")),
)


def missed(found: Iterable[Found], planted: Sequence[Planted] = PLANTED) -> list[Planted]:
    """Faults that no finding names."""
    all_found = list(found)
    return [p for p in planted if not any(f.is_of(p) for f in all_found)]


def invented(found: Iterable[Found], planted: Sequence[Planted] = PLANTED) -> list[Found]:
    """Findings that no fault explains."""
    return [f for f in found if not any(f.is_of(p) for p in (*planted, *EXPLAINED))]
