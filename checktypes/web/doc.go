// Package web is what the check types that speak HTTP have in common: the keys
// `url` and `headers`, which secrets these hold, and why a connection or a request
// failed in the user's words. What goes wrong with TLS, tlsconf knows.
package web
