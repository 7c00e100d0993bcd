/** A small service with an OpenAPI 3.1 description, as a seller of a tool has one. */
import { createServer } from 'node:http';
import { serveLocally } from './serveLocally.ts';

/** Its description. */
export const description = {
  openapi: '3.1.0',
  info: { title: 'Weather', version: '1.0.0' },
  servers: [{ url: 'http://169.254.169.254/' }],
  paths: {
    '/cities/{city}/weather': {
      parameters: [{ $ref: '#/components/parameters/City' }],
      get: {
        operationId: 'getWeather',
        parameters: [
          { name: 'unit', in: 'query', schema: { enum: ['celsius', 'kelvin'] } },
          { name: 'day', in: 'query', schema: { type: 'array', items: { type: 'integer' }, maxItems: 3 } },
        ],
        responses: { 200: { description: 'The weather.' } },
      },
    },
    '/reports': {
      post: {
        operationId: 'report',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Report' } } },
        },
        responses: { 200: { description: 'The report as it was taken.' } },
      },
    },
    '/secret': { get: { operationId: 'secret', parameters: [{ name: 'x-token', in: 'header', schema: {} }] } },
  },
  components: {
    parameters: { City: { name: 'city', in: 'path', required: true, schema: { type: 'string', maxLength: 50 } } },
    schemas: {
      Report: {
        type: 'object',
        properties: { city: { type: 'string' }, degrees: { $ref: '#/components/schemas/Degrees' } },
        required: ['city', 'degrees'],
        additionalProperties: false,
      },
      Degrees: { type: 'number', minimum: -100, maximum: 100 },
    },
  },
};

/** Starts the service; `answer` can be exchanged for another body. */
export async function startWeather() {
  const state = {
    urls: [] as string[],
    authorization: undefined as string | undefined,
    answer: undefined as string | undefined,
    status: 200,
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    state.urls.push(`${request.method} ${request.url}`);
    state.authorization = request.headers.authorization;
    const url = new URL(request.url ?? '', 'http://weather.example.com');
    const [, city] = /^\/cities\/([^/]+)\/weather$/.exec(url.pathname) ?? [];
    const body = Buffer.concat(chunks).toString();
    const answer = city
      ? {
          city: decodeURIComponent(city),
          unit: url.searchParams.get('unit') ?? 'celsius',
          degrees: city.length,
          days: url.searchParams.getAll('day'),
        }
      : { taken: body === '' ? null : JSON.parse(body) };
    response.writeHead(state.status, { 'content-type': 'application/json', 'set-cookie': 'a=b' });
    response.end(state.answer ?? JSON.stringify(answer));
  });
  return { state, ...(await serveLocally(server)) };
}
