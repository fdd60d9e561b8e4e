/* global SwaggerUIBundle */

/** The explorer of the API: every call of the document can be tried. It asks this server and no other. */
SwaggerUIBundle({
  url: '../api-docs',
  dom_id: '#explorer',
  validatorUrl: null,
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  filter: true,
  tryItOutEnabled: true,
});
