"""The headers of every answer, set in one place."""

from flask import Response, g, request

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self' blob:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
BYTES_POLICY = "sandbox; default-src 'none'"
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
HSTS = "max-age=31536000; includeSubDomains"


def finish(response: Response) -> Response:
    """Add what every answer carries; views that said more keep theirs."""
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-site")
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    signed_in = g.get("agent") is not None and g.agent.role is not None
    headers.setdefault("Cache-Control", "private, no-store" if signed_in else "no-cache")
    headers.add("Vary", "Cookie, Accept-Language, Authorization")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", HSTS)
    return response
