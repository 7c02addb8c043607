// Polyhealth watches what a YAML file declares and serves its health over HTTP.
package main

import (
	"os"
	_ "time/tzdata" // time zones also where the machine has none

	"polyhealth/engine/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
