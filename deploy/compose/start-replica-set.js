// Run by mongosh on the network of mongo-a: starts the replica set and makes its administrator, once. Both can only be done from MongoDB's own address
// (its localhost exception); the users of the services are then made by `tocsin-admin credentials apply --store`.
const { readFileSync } = require('fs');

const MEMBERS = ['mongo-a:27017', 'mongo-b:27017', 'mongo-w:27017'];
const TLS = 'tls=true&tlsCAFile=/run/tocsin/ca.crt';
/** ms until a primary is there. */
const ELECTION_MS = 60_000;

const password = readFileSync('/run/tocsin/admin.password', 'utf8').trim();
const here = connect(`mongodb://127.0.0.1:27017/admin?directConnection=true&tlsAllowInvalidHostnames=true&${TLS}`);
try {
  // The first of them is preferred, so that its administrator can be made here.
  here.adminCommand({
    replSetInitiate: { _id: 'rs0', members: MEMBERS.map((host, _id) => ({ _id, host, priority: _id === 0 ? 2 : 1 })) },
  });
} catch (error) {
  if (!/already initialized|requires authentication|not authorized/i.test(error.message)) throw error;
}
const until = Date.now() + ELECTION_MS;
while (!administratorIsThere()) {
  if (here.hello().isWritablePrimary) {
    here.createUser({ user: 'admin', pwd: password, roles: ['root'], mechanisms: ['SCRAM-SHA-256'] });
    break;
  }
  if (Date.now() > until) throw new Error('the replica set has no primary');
  sleep(500);
}
print('the replica set runs and has its administrator');

function administratorIsThere() {
  try {
    const login = `mongodb://admin:${encodeURIComponent(password)}@${MEMBERS.join(',')}/admin?replicaSet=rs0&authSource=admin`;
    return connect(`${login}&serverSelectionTimeoutMS=3000&${TLS}`).adminCommand({ ping: 1 }).ok === 1;
  } catch {
    return false;
  }
}
