/* Logs in and makes a call with the token, by the fetch of Node.js. */
const base = process.argv[2];
const body = JSON.stringify({ username: "admin", password: "password" });
const headers = { "Content-Type": "application/json" };
const login = await fetch(`${base}/api/admin/login_check`, { method: "POST", headers, body });
console.log("login", login.status);
const { token } = await login.json();
const call = await fetch(`${base}/api/DEFAULT/webhook/event`, { headers: { Authorization: `Bearer ${token}` } });
console.log("call", call.status);
