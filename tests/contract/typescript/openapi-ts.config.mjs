// Node loads ES modules only by their full name, so the client has to import its parts with `.js`.
export default {
  input: process.env.DOCUMENT,
  output: { path: 'client', module: { extension: '.js' } },
  plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
};
