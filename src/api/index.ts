/** The REST API: routes, their OpenAPI document and reference page, and the HTTP server. */
export type { ApiLog } from './context.ts';
export { renderRestPage } from './reference.ts';
export { apiRoutes } from './routes/index.ts';
export { type Api, type ApiDependencies, createApi, type HttpAddress } from './server.ts';
export { createToken, type NewToken } from './tokens.ts';
