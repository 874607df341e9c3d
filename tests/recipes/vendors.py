"""What each vendor documents of its token endpoint and its API: written from the vendors' pages, not from our code."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

BASIC, PARAMETERS, ASSERTION, GRANT, CERTIFICATE = "basic", "parameters", "assertion", "grant", "certificate"
THUMBPRINT = urlsafe_b64encode(sha256(b"a certificate").digest()).decode().rstrip("=")
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FORM, QUERY, JSON = "form", "query", "json"


@dataclass(frozen=True)
class Signed:
    """What a vendor insists on of the JWT that a client signs.

    :param aud: whom it has to be for; None: the URL of the token endpoint.
    :param most_seconds: between its beginning and its end.
    """

    algorithm: str
    headers: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    aud: str | None = None
    most_seconds: int = 300


@dataclass(frozen=True)
class Vendor:
    """What a vendor insists on.

    :param endpoint: of its API, to call.
    :param token_path: of its token endpoint.
    :param elsewhere: the token endpoint is on another host than the API.
    :param credentials: where client id and secret have to stand: ``BASIC`` or ``PARAMETERS``; or ``ASSERTION``: a JWT
        says who the client is; ``GRANT``: a JWT is all that there is; ``CERTIFICATE``: that of the connection.
    :param certificate_at: who asks for a client certificate: ``token``, ``api``.
    :param signed: that JWT.
    :param client_id: of the client; the recipe's Login.
    :param parameters_in: how the token request's parameters are written.
    :param required: parameters that have to be there, with their values.
    :param api_headers: what the API wants besides the token.
    :param scheme: header and scheme of the token at the API.
    :param answer: what the token answer has besides the token.
    :param refusal: what the API answers to a request that it does not take.
    """

    endpoint: str
    token_path: str
    credentials: str
    parameters_in: str = FORM
    elsewhere: bool = False
    required: Mapping[str, str] = field(default_factory=dict)
    grant_type: str = "client_credentials"
    api_headers: Mapping[str, str] = field(default_factory=dict)
    scheme: tuple[str, str] = ("Authorization", "Bearer ")
    answer: Mapping[str, Any] = field(default_factory=lambda: {"token_type": "Bearer", "expires_in": 3600})
    refusal: int = 401
    signed: Signed | None = None
    client_id: str = "CLIENT-ID"
    certificate_at: tuple[str, ...] = ()


VENDORS = {
    "entra_certificate": Vendor(
        "/v1.0/users",
        "/TENANT-ID/oauth2/v2.0/token",
        ASSERTION,
        elsewhere=True,
        required={"scope": "https://graph.microsoft.com/.default", "client_id": "CLIENT-ID"},
        signed=Signed("PS256", {"x5t#S256": THUMBPRINT}),
        answer={"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599},
    ),
    "okta_management": Vendor(
        "/api/v1/users",
        "/oauth2/v1/token",
        ASSERTION,
        required={"scope": "okta.users.read", "client_id": "CLIENT-ID"},
        signed=Signed("RS256", {"kid": "KEY-ID"}),
        answer={"token_type": "Bearer", "expires_in": 3600},
    ),
    "netsuite": Vendor(
        "/services/rest/record/v1/customer",
        "/services/rest/auth/oauth2/v1/token",
        ASSERTION,
        required={"client_id": "CLIENT-ID"},
        signed=Signed("PS256", {"kid": "CERTIFICATE-ID"}, {"iss": "CLIENT-ID", "scope": ["rest_webservices"]}),
        answer={"token_type": "bearer", "expires_in": "3600"},
    ),
    "google": Vendor(
        "/storage/v1/b",
        "/token",
        GRANT,
        elsewhere=True,
        grant_type=JWT_BEARER,
        client_id="SERVICE-ACCOUNT@PROJECT.iam.gserviceaccount.com",
        signed=Signed(
            "RS256",
            {"kid": "KEY-ID"},
            {"scope": "https://www.googleapis.com/auth/devstorage.read_only"},
            aud="https://oauth2.googleapis.com/token",
            most_seconds=3600,
        ),
        answer={"token_type": "Bearer", "expires_in": 3599},
    ),
    "salesforce_jwt": Vendor(
        "/services/data/v64.0/query",
        "/services/oauth2/token",
        GRANT,
        elsewhere=True,
        grant_type=JWT_BEARER,
        signed=Signed("RS256", {}, {"sub": "USER@EXAMPLE.COM"}, aud="https://login.salesforce.com"),
        answer={"token_type": "Bearer", "scope": "api", "instance_url": "{api}"},
    ),
    "docusign": Vendor(
        "/restapi/v2.1/accounts/1/envelopes",
        "/oauth/token",
        GRANT,
        elsewhere=True,
        grant_type=JWT_BEARER,
        signed=Signed(
            "RS256",
            {},
            {"sub": "USER-ID", "scope": "signature impersonation"},
            aud="account.docusign.com",
            most_seconds=6000,
        ),
        answer={"token_type": "Bearer", "expires_in": 3600, "scope": "signature"},
    ),
    "entra": Vendor(
        "/v1.0/users",
        "/TENANT-ID/oauth2/v2.0/token",
        PARAMETERS,
        elsewhere=True,
        required={"scope": "https://graph.microsoft.com/.default"},
        answer={"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599},
    ),
    "entra_v1": Vendor(
        "/_api/web/lists",
        "/TENANT-ID/oauth2/token",
        PARAMETERS,
        elsewhere=True,
        required={"resource": "https://TENANT.sharepoint.com"},
        answer={"token_type": "Bearer", "expires_in": "3599", "expires_on": "1766000000", "resource": "https://x"},
    ),
    "okta": Vendor(
        "/devices",
        "/oauth2/default/v1/token",
        BASIC,
        elsewhere=True,
        required={"scope": "devices.read"},
        answer={"token_type": "Bearer", "expires_in": 3600, "scope": "devices.read"},
    ),
    "auth0": Vendor(
        "/devices",
        "/oauth/token",
        PARAMETERS,
        JSON,
        elsewhere=True,
        required={"audience": "https://api.example.com/"},
        answer={"token_type": "Bearer", "expires_in": 86400},
    ),
    "auth0_management": Vendor(
        "/api/v2/users",
        "/oauth/token",
        PARAMETERS,
        required={"audience": "https://TENANT.eu.auth0.com/api/v2/"},
        answer={"token_type": "Bearer", "expires_in": 86400, "scope": "read:users"},
    ),
    "keycloak": Vendor(
        "/devices",
        "/realms/REALM/protocol/openid-connect/token",
        BASIC,
        elsewhere=True,
        answer={"token_type": "Bearer", "expires_in": 300, "refresh_expires_in": 0, "not-before-policy": 0},
    ),
    "keycloak_admin": Vendor(
        "/admin/realms/REALM/users",
        "/realms/REALM/protocol/openid-connect/token",
        BASIC,
        answer={"token_type": "Bearer", "expires_in": 60, "refresh_expires_in": 0},
    ),
    "cognito": Vendor("/devices", "/oauth2/token", BASIC, elsewhere=True),
    "salesforce": Vendor(
        "/services/data/v64.0/query",
        "/services/oauth2/token",
        PARAMETERS,
        answer={"token_type": "Bearer", "issued_at": "1766000000000", "instance_url": "{api}", "signature": "x="},
    ),
    "servicenow": Vendor(
        "/api/now/table/incident",
        "/oauth_token.do",
        PARAMETERS,
        answer={"token_type": "Bearer", "expires_in": 1799, "scope": "useraccount"},
    ),
    "sap_xsuaa": Vendor(
        "/devices",
        "/oauth/token",
        BASIC,
        elsewhere=True,
        answer={"token_type": "bearer", "expires_in": 43199, "scope": "uaa.resource", "jti": "8f"},
    ),
    "sap_xsuaa_certificate": Vendor(
        "/devices",
        "/oauth/token",
        CERTIFICATE,
        elsewhere=True,
        required={"client_id": "CLIENT-ID"},
        certificate_at=("token",),
        answer={"token_type": "bearer", "expires_in": 43199, "scope": "uaa.resource", "jti": "8f"},
    ),
    "adp": Vendor(
        "/hr/v2/workers",
        "/auth/oauth/v2/token",
        PARAMETERS,
        elsewhere=True,
        certificate_at=("token", "api"),
        answer={"token_type": "Bearer", "expires_in": 3600, "scope": "api"},
    ),
    "sap_ariba": Vendor(
        "/api/procurement-reporting/v2/prod/views",
        "/v2/oauth/token",
        BASIC,
        elsewhere=True,
        grant_type="openapi_2lo",
        api_headers={"apiKey": "APPLICATION-KEY"},
        answer={"token_type": "bearer", "expires_in": 1440, "timeUpdated": 1766000000000},
    ),
    "zoom": Vendor(
        "/v2/users",
        "/oauth/token",
        BASIC,
        elsewhere=True,
        grant_type="account_credentials",
        required={"account_id": "ACCOUNT-ID"},
        answer={"token_type": "bearer", "expires_in": 3599, "scope": "user:read:admin", "api_url": "https://x"},
    ),
    "shopify": Vendor(
        "/admin/api/2026-01/products.json",
        "/admin/oauth/access_token",
        PARAMETERS,
        scheme=("X-Shopify-Access-Token", ""),
        answer={"scope": "read_products", "expires_in": 86399},
    ),
    "spotify": Vendor("/v1/artists/1", "/api/token", BASIC, elsewhere=True),
    "twitch": Vendor(
        "/helix/streams",
        "/oauth2/token",
        PARAMETERS,
        elsewhere=True,
        api_headers={"Client-Id": "CLIENT-ID"},
        answer={"token_type": "bearer", "expires_in": 5011271},
    ),
    "adobe": Vendor(
        "/data/foundation/catalog/dataSets",
        "/ims/token/v3",
        PARAMETERS,
        elsewhere=True,
        required={"scope": "openid,AdobeID,read_organizations"},
        api_headers={"x-api-key": "CLIENT-ID", "x-gw-ims-org-id": "ORGANIZATION-ID@AdobeOrg"},
        answer={"token_type": "bearer", "expires_in": 86399},
        refusal=403,
    ),
    "databricks": Vendor(
        "/api/2.1/jobs/list",
        "/oidc/v1/token",
        BASIC,
        required={"scope": "all-apis"},
        answer={"token_type": "Bearer", "expires_in": 3600, "scope": "all-apis"},
    ),
    "genesys": Vendor(
        "/api/v2/users",
        "/oauth/token",
        BASIC,
        elsewhere=True,
        answer={"token_type": "bearer", "expires_in": 86399},
    ),
    "servicetitan": Vendor(
        "/crm/v2/tenant/1/customers",
        "/connect/token",
        PARAMETERS,
        elsewhere=True,
        api_headers={"ST-App-Key": "APPLICATION-KEY"},
        answer={"token_type": "Bearer", "expires_in": 900},
    ),
    "procore": Vendor(
        "/rest/v1.0/projects",
        "/oauth/token",
        PARAMETERS,
        elsewhere=True,
        api_headers={"Procore-Company-Id": "COMPANY-ID"},
        answer={"token_type": "Bearer", "expires_in": 5400, "created_at": 1766000000},
        refusal=403,
    ),
    "fedex": Vendor(
        "/track/v1/trackingnumbers",
        "/oauth/token",
        PARAMETERS,
        answer={"token_type": "bearer", "expires_in": 3599, "scope": "CXS"},
    ),
    "ups": Vendor(
        "/api/track/v1/details/1Z",
        "/security/v1/oauth/token",
        BASIC,
        answer={"token_type": "Bearer", "expires_in": "14399", "issued_at": "1766000000000", "status": "approved"},
    ),
    "paypal": Vendor(
        "/v1/invoicing/invoices",
        "/v1/oauth2/token",
        BASIC,
        answer={"token_type": "Bearer", "expires_in": 31668, "app_id": "APP", "nonce": "2026"},
    ),
    "ebay": Vendor(
        "/buy/browse/v1/item_summary/search",
        "/identity/v1/oauth2/token",
        BASIC,
        required={"scope": "https://api.ebay.com/oauth/api_scope"},
        answer={"token_type": "Application Access Token", "expires_in": 7200},
    ),
    "autodesk": Vendor(
        "/project/v1/hubs",
        "/authentication/v2/token",
        BASIC,
        required={"scope": "data:read"},
    ),
    "box": Vendor(
        "/2.0/folders/0/items",
        "/oauth2/token",
        PARAMETERS,
        required={"box_subject_type": "enterprise", "box_subject_id": "ENTERPRISE-ID"},
        answer={"token_type": "bearer", "expires_in": 3600, "restricted_to": []},
    ),
    "xero": Vendor(
        "/api.xro/2.0/Invoices",
        "/connect/token",
        BASIC,
        elsewhere=True,
        answer={"token_type": "Bearer", "expires_in": 1800, "scope": "accounting.transactions"},
    ),
    "reddit": Vendor(
        "/api/v1/me",
        "/api/v1/access_token",
        BASIC,
        elsewhere=True,
        api_headers={"User-Agent": "airflow:my-pipeline:v1 (by /u/ACCOUNT)"},
        answer={"token_type": "bearer", "expires_in": 86400, "scope": "*"},
        refusal=429,
    ),
    "marketo": Vendor(
        "/rest/v1/leads.json",
        "/identity/oauth/token",
        PARAMETERS,
        QUERY,
        answer={"token_type": "bearer", "expires_in": 3599, "scope": "api@example.com"},
    ),
    "zuora": Vendor(
        "/v1/accounts",
        "/oauth/token",
        PARAMETERS,
        answer={"token_type": "bearer", "expires_in": 3598, "scope": "entity.1 user.write", "jti": "c1"},
    ),
    "crowdstrike": Vendor(
        "/devices/queries/devices/v1",
        "/oauth2/token",
        PARAMETERS,
        answer={"token_type": "bearer", "expires_in": 1799},
    ),
    "vanta": Vendor(
        "/v1/vendors",
        "/oauth/token",
        PARAMETERS,
        JSON,
        required={"scope": "vanta-api.all:read"},
        answer={"token_type": "bearer", "expires_in": 3599},
    ),
    "workday": Vendor(
        "/ccx/api/v1/TENANT/workers",
        "/ccx/oauth2/TENANT/token",
        BASIC,
        grant_type="refresh_token",
        required={"refresh_token": "REFRESH-TOKEN"},
        answer={"token_type": "Bearer", "refresh_token": "REFRESH-TOKEN"},
    ),
    "amazon_sp_api": Vendor(
        "/orders/v0/orders",
        "/auth/o2/token",
        PARAMETERS,
        elsewhere=True,
        grant_type="refresh_token",
        required={"refresh_token": "REFRESH-TOKEN"},
        scheme=("x-amz-access-token", ""),
        answer={"token_type": "bearer", "expires_in": 3600, "refresh_token": "REFRESH-TOKEN"},
        refusal=403,
    ),
    "organization_api": Vendor(
        "/api/v1/organization/profile",
        "/oauth2/token",
        BASIC,
        QUERY,
        answer={"token_type": "Bearer", "expires_in": 86400, "refresh_token": "r"},
    ),
}
