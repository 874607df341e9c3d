// oidc-provider (a certified OpenID provider) over TLS, and an API that takes its tokens on another origin.
//
// It decides everything about OAuth itself: signed assertions, each good once; certificates; tokens bound to one. This file
// registers clients and can lose an answer on its way.
//
// Environment: FOREIGN_NODE, the folder with node_modules; FOREIGN_SETTINGS, JSON: {cert, key, ca, clients}, the texts of
// PEM files, and clients as OpenID registers them.
//
// Prints "READY <token server> <API>". On the API: GET /api/profile wants a bearer. On the token server:
// GET /_token_requests: what /token was sent so far, [{status, jti, params}]; POST /_lose_next: the next answer is lost.

import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const load = createRequire(`${process.env.FOREIGN_NODE}/`);
const { default: Provider } = await import(pathToFileURL(load.resolve('oidc-provider')));
const { cert, key, ca, clients } = JSON.parse(process.env.FOREIGN_SETTINGS);

const RESOURCE_SCOPES = 'read write';
const seen = [];
let answersToLose = 0;

const tls = { cert, key, ca, requestCert: true, rejectUnauthorized: false };
let provider;

function claimsOf(jwt) {
  try {
    return JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));
  } catch {
    return {};
  }
}

async function tokenServer(request, response) {
  if (request.url === '/_token_requests') {
    return response.end(JSON.stringify(seen));
  }
  if (request.url === '/_lose_next') {
    answersToLose += 1;
    return response.end();
  }
  if (request.url === '/token') {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const params = new URLSearchParams(body);
    request.body = body; // the provider takes it from here, as from any body parser
    const lost = answersToLose > 0;
    answersToLose -= lost ? 1 : 0;
    const end = response.end.bind(response);
    response.end = (...content) => {
      const jti = claimsOf(params.get('client_assertion') ?? '').jti ?? null;
      seen.push({ status: response.statusCode, jti, params: [...params.keys()].sort() });
      return lost ? response.socket.destroy() : end(...content);
    };
  }
  return provider.callback()(request, response);
}

async function api(request, response) {
  const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
  const found = token && (await provider.ClientCredentials.find(token));
  const bound = found && found['x5t#S256'];
  const shown = request.socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase();
  const wanted = bound && Buffer.from(bound, 'base64url').toString('hex');
  const isGood = found && found.isValid && (!bound || shown === wanted);
  response.statusCode = isGood ? 200 : 401;
  response.setHeader('Content-Type', 'application/json');
  const about = isGood ? { client: found.clientId, aud: found.aud ?? null, bound: Boolean(bound) } : {};
  response.end(JSON.stringify(about));
}

function listening(handler) {
  const server = createServer(tls, (request, response) => {
    Promise.resolve(handler(request, response)).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`https://127.0.0.1:${server.address().port}`));
  });
}

const issuer = await listening(tokenServer);
provider = new Provider(issuer, {
  clients,
  scopes: ['read', 'write'],
  clientAuthMethods: [
    'client_secret_basic', 'client_secret_jwt', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth',
  ],
  enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      getResourceServerInfo: () => ({ scope: RESOURCE_SCOPES, accessTokenFormat: 'opaque' }),
    },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      selfSignedTlsClientAuth: true,
      getCertificate: (ctx) => ctx.socket.getPeerX509Certificate(),
      certificateAuthorized: (ctx) => ctx.socket.authorized,
      certificateSubjectMatches: (ctx, property, expected) =>
        property === 'tls_client_auth_subject_dn' && ctx.socket.getPeerX509Certificate().subject === expected,
    },
  },
});
const apiUrl = await listening(api);
provider.on('server_error', (ctx, error) => console.error(error));
console.log(`READY ${issuer} ${apiUrl}`);
process.stdin.resume();
process.stdin.on('end', () => process.exit());
