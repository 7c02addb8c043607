package importer

import (
	"net"
	"slices"

	"polyhealth/engine/cli/draft"
)

// What our check types do not speak, a program that most machines have asks.

// connectCommand opens a TCP connection.
func connectCommand(host, port string) draft.List {
	return draft.Texts("bash", "-c", "exec 3<>/dev/tcp/$0/$1", host, port)
}

// pingCommand sends one echo request.
func pingCommand(host string, options ...string) draft.List {
	return draft.Texts(slices.Concat([]string{"ping", "-c", "1"}, options, []string{host})...)
}

// certificateCommand opens a TLS connection, refuses it as a browser would, and prints
// when the certificate expires. options are those of openssl s_client.
func certificateCommand(host, port string, verify bool, options ...string) draft.List {
	argv := []string{"sh", "-c", `openssl s_client "$@" </dev/null | openssl x509 -noout -enddate`, "openssl",
		"-connect", net.JoinHostPort(host, port)}
	if verify {
		argv = append(argv, "-verify_return_error")
		if net.ParseIP(host) != nil {
			argv = append(argv, "-verify_ip", host)
		} else {
			argv = append(argv, "-servername", host, "-verify_hostname", host)
		}
	}
	return draft.Texts(append(argv, options...)...)
}

// certificateLeft is, in a rule, the time that what certificateCommand prints leaves.
const certificateLeft = `(date(trimPrefix(stdout, "notAfter="), "Jan _2 15:04:05 2006 MST") - now)`

// digCommand asks a name server.
func digCommand(server, port, name, kind string, options ...string) draft.List {
	argv := []string{"dig", "@" + server}
	if port != "" && port != "53" {
		argv = append(argv, "-p", port)
	}
	argv = append(append(argv, options...), "+tries=1", "+noall", "+comments", "+answer", name, kind)
	return draft.Texts(argv...)
}

// keyscanCommand asks an SSH server for its keys.
func keyscanCommand(host, port string) draft.List {
	return draft.Texts("ssh-keyscan", "-p", port, host)
}

// grpcCommand asks a gRPC server for its health. It exits with 0 where that is
// SERVING, and with 4 where it is something else.
func grpcCommand(address string, options ...string) draft.List {
	return draft.Texts(append([]string{"grpc_health_probe", "-addr=" + address}, options...)...)
}
