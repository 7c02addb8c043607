package schema

import (
	"errors"
	"io"
	"os"
)

// maxValue is the size of the largest file that ${file:…} reads, in bytes.
const maxValue = 1 << 20

// An Env is what ${…} and include read. Its zero value knows nothing.
type Env struct {
	Lookup      func(name string) (string, bool)  // ${NAME}
	ReadFile    func(path string) ([]byte, error) // ${file:/path}, with an absolute path
	Credentials string                            // the folder of ${credential:name}, or ""
	// List is the files that an absolute path of an include names: itself, those in
	// it where it is a folder, those that fit where it is a pattern. Nil where there
	// is nothing to include.
	List func(path string) ([]string, error)
	// ReadIncluded reads one of them.
	ReadIncluded func(path string) ([]byte, error)

	plain bool // the file is another program's: see ParsePlain
}

// OSEnv is the process's own environment. Files of ${file:…} have at most 1 MiB.
func OSEnv() Env {
	return Env{
		Lookup: os.LookupEnv, ReadFile: readValue, Credentials: os.Getenv("CREDENTIALS_DIRECTORY"),
		List: ListFiles, ReadIncluded: func(path string) ([]byte, error) { return readPlain(path, MaxFile, "64 MiB") },
	}
}

func readValue(path string) ([]byte, error) { return readPlain(path, maxValue, "1 MiB") }

// readPlain reads a plain file. A pipe or a device could keep it waiting for ever.
func readPlain(path string, most int64, inWords string) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, errors.New("it is not a plain file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = errors.New("it is larger than " + inWords)
	}
	return b, err
}
