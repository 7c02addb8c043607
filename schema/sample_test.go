package schema

import (
	"errors"
	"os"
	"strings"
)

// sample is a file much like the engine's, with every kind of field in it.
type sample struct {
	Version  int                    `yaml:"version" min:"1" max:"1"`
	Defaults Cadence                `yaml:"defaults"`
	Routes   map[string]sampleRoute `yaml:"routes"`
	Checks   map[string]sampleCheck `yaml:"checks,required"`
}

// Cadence is embedded where it stands in the file's own maps.
type Cadence struct {
	Interval Duration `yaml:"interval"`
	Timeout  Duration `yaml:"timeout"`
	Tags     []string `yaml:"tags"`
}

type sampleRoute struct {
	Token Secret   `yaml:"token,required"`
	Chat  int64    `yaml:"chat"`
	On    []string `yaml:"on" enum:"degraded,unhealthy,unknown"`
}

type sampleCheck struct {
	Cadence
	HTTP     *sampleHTTP       `yaml:"http,oneof=type"`
	Command  *sampleCommand    `yaml:"command,oneof=type"`
	Rules    sampleRules       `yaml:"rules"`
	Critical bool              `yaml:"critical"`
	Failures int               `yaml:"failures" min:"1" max:"1000"`
	Share    float64           `yaml:"share" min:"0" max:"1"`
	Labels   map[string]string `yaml:"labels"`
	Metadata *Node             `yaml:"metadata"`
	Repeat   sampleRepeat      `yaml:"repeat"`
}

type sampleHTTP struct {
	URL     string `yaml:"url,required"`
	Method  string `yaml:"method" enum:"GET,HEAD,POST"`
	Port    uint16 `yaml:"port"`
	MaxBody Size   `yaml:"max_body"`
	Retries int32  `yaml:"retries" min:"0"`
}

type sampleCommand struct {
	Argv []string `yaml:"argv,required"`
	Dir  string   `yaml:"dir"`
}

type sampleRules struct {
	Unhealthy *Node `yaml:"unhealthy"`
	Degraded  *Node `yaml:"degraded"`
}

// sampleRepeat is a duration or never.
type sampleRepeat struct {
	Every Duration
	Never bool
}

func (p *sampleRepeat) FromNode(n *Node, r *Reader) {
	if n.Value == "never" {
		*p = sampleRepeat{Never: true}
		return
	}
	r.Decode(n, &p.Every)
}

// sampleEnv is what ${…} reads in tests.
func sampleEnv() Env {
	variables := map[string]string{
		"HOST": "db.internal", "PORT": "8080", "TOKEN": "s3cr3t/+t0ken", "EMPTY": "", "NO": "no", "YES": "true",
		"NULL": "null", "SECONDS": "30s", "LIST": "[a, b]", "EXPR": "status == 200",
	}
	files := map[string]string{
		"/run/secrets/token": "from-a-file\n", "/run/secrets/dos": "from-dos\r\n", "/run/secrets/none": "\n",
		"/run/credentials/token": "from-a-credential", "/etc/polyhealth/beside": "from-beside\n",
	}
	return Env{
		Lookup: func(name string) (string, bool) { v, ok := variables[name]; return v, ok },
		ReadFile: func(path string) ([]byte, error) {
			if text, ok := files[path]; ok {
				return []byte(text), nil
			}
			return nil, &os.PathError{Op: "open", Path: path, Err: errors.New("no such file or directory")}
		},
		Credentials: "/run/credentials",
	}
}

// readSample reads a text as a sample, and returns it with what was noted.
func readSample(name, text string, env Env) (sample, *Reader) {
	r := NewReader()
	doc := Parse(name, []byte(text), env, r)
	var s sample
	r.Decode(doc.Root, &s)
	return s, r
}

func textOf(ds []Diagnostic) string {
	var b strings.Builder
	if err := WriteText(&b, ds, false); err != nil {
		return err.Error()
	}
	return b.String()
}
