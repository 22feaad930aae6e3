// Logs in and makes a call with the token, by Go's default HTTP client.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
)

func main() {
	base := os.Args[1]
	body := strings.NewReader(`{"username":"admin","password":"password"}`)
	answer, err := http.Post(base+"/api/admin/login_check", "application/json", body)
	if err != nil {
		panic(err)
	}
	fmt.Println("login", answer.StatusCode)
	var login struct{ Token string }
	if err := json.NewDecoder(answer.Body).Decode(&login); err != nil {
		panic(err)
	}
	answer.Body.Close()
	call, _ := http.NewRequest("GET", base+"/api/DEFAULT/webhook/event", nil)
	call.Header.Set("Authorization", "Bearer "+login.Token)
	answer, err = http.DefaultClient.Do(call)
	if err != nil {
		panic(err)
	}
	fmt.Println("call", answer.StatusCode)
}
