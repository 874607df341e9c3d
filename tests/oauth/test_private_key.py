"""One key, in all the forms in which people paste it; and texts that are none, of which nothing is repeated."""

import json
from base64 import b64encode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_orgauth.oauth.private_key import (
    MIN_SECRET_CHARACTERS,
    PrivateKeyError,
    read_private_key,
    secrets_in,
)

KEYS = {
    "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}


def pem_of(key, form=PrivateFormat.PKCS8):
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def jwk_of(alg, **more):
    made = jwt.get_algorithm_by_name(alg).to_jwk(KEYS[alg])
    return json.dumps(json.loads(made) | more)


def same(found, key):
    return found.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()) == key.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )


LINE_BREAKS = st.sampled_from(["\n", "\r\n", "\\n", "\\r\\n", "\\\\n", " ", "", "\t", "\n\n"])


@st.composite
def pasted(draw, texts):
    """A text of ``texts`` as it comes out of a form, a file or a terminal."""
    text = draw(texts)
    if "-----" in text:
        text = text.replace("\n", draw(LINE_BREAKS))
    if draw(st.booleans()):
        columns = draw(st.sampled_from([0, 60, 64, 76]))
        text = b64encode(text.encode()).decode()
        text = "\n".join(text[at : at + columns] for at in range(0, len(text), columns)) if columns else text
    around = draw(st.sampled_from(["", " ", "\n", '"', "'"]))
    return around + text + around


def forms_of(alg):
    """The texts that a tool writes for a key."""
    pem = pem_of(KEYS[alg])
    forms = [pem, jwk_of(alg), json.dumps({"type": "service_account", "private_key": pem})]
    if alg != "EdDSA":
        forms.append(pem_of(KEYS[alg], PrivateFormat.TraditionalOpenSSL))
    return [*forms, "".join(pem.splitlines()[1:-1])]


@pytest.mark.parametrize(
    "alg", [alg for alg in KEYS if alg != "RS256"]
)  # it takes a quarter of a second to check an RSA key
@given(data=st.data())
def test_all_forms_of_a_key_are_the_same_key(alg, data):
    found = read_private_key(data.draw(pasted(st.sampled_from(forms_of(alg)))))

    assert same(found, KEYS[alg])
    assert found.algorithms[0] == alg


@pytest.mark.parametrize("number", range(5))
def test_all_forms_of_an_rsa_key(number):
    text = forms_of("RS256")[number]

    for wrapped in (text, b64encode(text.encode()).decode(), text.replace("\n", "")):
        found = read_private_key(wrapped)
        assert same(found, KEYS["RS256"])
        assert found.algorithms[:2] == ("RS256", "PS256")


@pytest.mark.parametrize("alg", KEYS)
@given(data=st.data())
def test_each_line_of_a_key_is_a_secret_however_it_was_pasted(alg, data):
    pem = pem_of(KEYS[alg])
    text = data.draw(pasted(st.just(pem)))

    secrets = set(secrets_in(text))

    assert {line for line in pem.splitlines()[1:-1] if len(line) >= MIN_SECRET_CHARACTERS} <= secrets
    assert text.strip().strip("\"'").strip() in secrets
    assert not [secret for secret in secrets if secret.startswith("-----BEGIN") and len(secret) < 40]


def test_the_secret_members_of_a_jwk_are_secrets_and_the_public_ones_are_not():
    members = json.loads(jwk_of("RS256", kid="key-1"))

    secrets = set(secrets_in(json.dumps(members)))

    assert {members[name] for name in ("d", "p", "q", "dp", "dq", "qi")} <= secrets
    assert not {members["n"], "key-1", "RSA"} & secrets


def test_a_jwk_names_its_key():
    assert read_private_key(jwk_of("ES256", kid="key-1")).key_id == "key-1"
    assert read_private_key(jwk_of("ES256")).key_id is None


def test_a_key_beside_its_certificate_and_its_parameters():
    text = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n" + pem_of(KEYS["ES256"])

    assert same(read_private_key(text), KEYS["ES256"])


def encrypted(form):
    return KEYS["RS256"].private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"passphrase")).decode()


PEM = pem_of(KEYS["RS256"])
PUBLIC = KEYS["RS256"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
NO_KEYS = {
    "a client secret": ("a-client-secret_1234567890123456789012345678", "holds no private key"),
    "nothing": ("", "holds no private key"),
    "encrypted": (encrypted(PrivateFormat.PKCS8), "openssl pkey"),
    "encrypted, without line breaks": (encrypted(PrivateFormat.PKCS8).replace("\n", ""), "openssl pkey"),
    "encrypted, the old way": (encrypted(PrivateFormat.TraditionalOpenSSL), "openssl pkey"),
    "a public key": (PUBLIC, "a public key, and no private key"),
    "a public JWK": (json.dumps({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "BBBB"}), "no private key"),
    "a broken JWK": (json.dumps({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "BBBB", "d": "CCCC"}), "cannot be"),
    "cut": (PEM[:-200], "without its end"),
    "changed": (PEM.replace("A", "B").replace("PRIVBTE", "PRIVATE"), "cannot be read"),
    "cut in the middle": (PEM[:400] + PEM[500:], "private key"),
    "OpenSSH": (
        ed25519.Ed25519PrivateKey.generate()
        .private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        .decode(),
        "ssh-keygen",
    ),
    "DSA": (pem_of(dsa.generate_private_key(1024)), "signs no JWT"),
    "another curve": (pem_of(ec.generate_private_key(ec.BrainpoolP256R1())), "signs no JWT"),
}


@pytest.mark.parametrize(("text", "said"), NO_KEYS.values(), ids=NO_KEYS)
def test_what_is_no_key_is_refused_without_a_word_of_it(text, said):
    with pytest.raises(PrivateKeyError) as caught:
        read_private_key(text)

    assert said in str(caught.value)
    assert caught.value.__cause__ is None
    body = "".join(line for line in text.splitlines() if not line.startswith("-----"))
    assert not [body[at : at + 8] for at in range(len(body) - 7) if body[at : at + 8] in str(caught.value)]


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: b64encode(raw).decode()))
def test_any_text_is_a_key_or_refused(text):
    with pytest.raises(PrivateKeyError):
        read_private_key(text)
    assert all(len(secret) >= MIN_SECRET_CHARACTERS for secret in secrets_in(text))
