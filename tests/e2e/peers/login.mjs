//   node login.mjs ISSUER USER RESOURCE      logs the user in, and prints the token response as JSON
import { logIn } from './browser.mjs';

process.stdout.write(JSON.stringify(await logIn(...process.argv.slice(2, 5))));
