// Judges the requests in the folders that it is given, by the function of the guide beside it: a line for each.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
)

func read(folder, name string) []byte {
	content, err := os.ReadFile(folder + "/" + name)
	if err != nil {
		panic(err)
	}
	return content
}

func main() {
	for _, folder := range os.Args[1:] {
		header := http.Header{}
		for _, line := range strings.Split(strings.TrimSpace(string(read(folder, "headers"))), "\n") {
			name, value, _ := strings.Cut(line, ": ")
			header.Set(name, value)
		}
		if IsAuthentic(string(read(folder, "secret")), string(read(folder, "url")), header, read(folder, "body")) {
			fmt.Println("authentic")
		} else {
			fmt.Println("refused")
		}
	}
}
