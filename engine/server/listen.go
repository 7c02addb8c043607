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
	l, err := net.Listen("tcp", address)
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
