import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { Config } from '../domain/config.ts';
import { packageVersion } from '../pipeline/load-config.ts';
import type { Api } from './api.ts';

const DESCRIPTION = `Videos go in; shots, keyframes, captions, chapters, tags and a summary come out.
Tokens are made by \`framescribe token create\` and sent as \`Authorization: Bearer …\`. Problems are \`application/problem+json\` with a code.`;

/** The OpenAPI document at `/v1/openapi.json`, made of the routes' own schemas, and its reader at `/docs`. */
export async function addDocs(api: Api, { publicUrl }: Config['server']): Promise<void> {
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Framescribe',
        version: packageVersion(),
        description: DESCRIPTION,
        license: { name: 'Apache-2.0' },
      },
      servers: [{ url: publicUrl || '/' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: (document) => {
      const { schema, url } = jsonSchemaTransform(document);
      const need = document.route.config?.need;
      if (need === undefined || need === 'public') return { schema, url };
      return { url, schema: { ...schema, security: [{ token: need === 'any' ? [] : [need] }], 'x-scope': need } };
    },
  });
  await api.register(async (inner) => {
    inner.addHook('onRoute', (route) => {
      route.config = { ...route.config, need: 'public' };
    });
    inner.get('/v1/openapi.json', { schema: { hide: true } }, async () => api.swagger());
    await inner.register(swaggerUi, {
      routePrefix: '/docs',
      uiConfig: { url: '/v1/openapi.json', deepLinking: true, tryItOutEnabled: false },
      // Its styles stand in its page; its scripts come from here.
      staticCSP: `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`,
    });
  });
}
