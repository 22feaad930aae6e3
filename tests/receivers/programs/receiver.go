// A right receiver on Go's own net/http, which verifies by the guide's function beside it. It prints its address.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"sync"
	"unicode/utf8"
)

type event struct {
	MessageID *string          `json:"messageId"`
	EventName *string          `json:"eventName"`
	Data      *json.RawMessage `json:"data"`
}

func (e event) isValid() bool {
	return e.MessageID != nil && e.EventName != nil && e.Data != nil && ((*e.Data)[0] == '{' || (*e.Data)[0] == '[')
}

func main() {
	secret, path := os.Args[1], os.Args[2]
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	url := "http://" + listener.Addr().String() + path
	var lock sync.Mutex
	seen, effects := map[string]bool{}, 0

	http.HandleFunc("GET /effects", func(writer http.ResponseWriter, _ *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		fmt.Fprint(writer, effects)
	})
	http.HandleFunc("POST "+path, func(writer http.ResponseWriter, request *http.Request) {
		if kind, _, err := mime.ParseMediaType(request.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			writer.WriteHeader(http.StatusUnsupportedMediaType)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(writer, request.Body, 1<<20))
		if err != nil {
			writer.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		if !IsAuthentic(secret, url, request.Header, body) {
			writer.WriteHeader(http.StatusUnauthorized)
			return
		}
		var told event
		if !utf8.Valid(body) || json.Unmarshal(body, &told) != nil || !told.isValid() {
			writer.WriteHeader(http.StatusBadRequest)
			return
		}
		lock.Lock()
		defer lock.Unlock()
		if *told.EventName == "CustomerRegistered" && !seen[*told.MessageID] {
			seen[*told.MessageID] = true
			effects++
		}
		writer.WriteHeader(http.StatusNoContent)
	})
	fmt.Println(url)
	_ = http.Serve(listener, nil)
}
