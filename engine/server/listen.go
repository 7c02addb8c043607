package server

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

// Listen takes the address HOST:PORT of server.listen. The caller hands the
// listener to Serve, or closes it.
func Listen(address string) (net.Listener, error) {
	network := "tcp"
	if host, _, err := net.SplitHostPort(address); err == nil && net.ParseIP(host).To4() != nil {
		network = "tcp4" // 0.0.0.0 is all of IPv4; Go would take all of IPv6 for it, too
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %s", address, because(err))
	}
	return l, nil
}

// because is the cause of a socket's error in words.
func because(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program listens there; is polyhealth running already?"
	case errors.Is(err, syscall.EACCES):
		return "permission denied; a port below 1024 needs CAP_NET_BIND_SERVICE"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine has no such address"
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		err = op.Err
	}
	if call := (*os.SyscallError)(nil); errors.As(err, &call) {
		err = call.Err
	}
	return err.Error()
}
