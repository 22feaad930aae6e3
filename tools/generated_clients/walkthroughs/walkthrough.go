// The walkthrough by the client that openapi-generator makes for Go: walkthrough BASE-URL HOOK-URL
package main

import (
	"client"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

const store = "DEFAULT"

func must[T any](answer T, _ any, err error) T { // glue
	if err != nil { // glue
		fmt.Println(err) // glue
		os.Exit(1)       // glue
	} // glue
	return answer // glue
} // glue

func main() {
	// An admin logs in; the token goes along with all that follows.
	settings := client.NewConfiguration()
	settings.Servers = client.ServerConfigurations{{URL: os.Args[1]}}
	api, ctx := client.NewAPIClient(settings), context.Background()
	credentials := client.Credentials{Username: "admin", Password: "password"}
	admin := must(api.AuthorizationAPI.AdminLoginCheck(ctx).Credentials(credentials).Execute())
	settings.AddDefaultHeader("Authorization", "Bearer "+admin.Token)

	// Which events are there? Have one sent, signed.
	events := must(api.WebhookEventAPI.WebhookEventGetList(ctx, store).Execute())
	wanted := client.NewRestWebhookPost(client.TRANSACTION_REGISTERED, os.Args[2])
	wanted.SetHmacEnabled(true)
	subscription := *client.NewWebhookSubscriptionPostRequest(client.RestWebhookPostAsWebhookSubscriptionPost(wanted))
	subscriptions := api.WebhookSubscriptionAPI
	created := must(subscriptions.WebhookSubscriptionPost(ctx, store).WebhookSubscriptionPostRequest(subscription).Execute())
	fmt.Printf("%d events, a key of %d characters\n", len(events.Items), len(created.GetHmacSecretKey()))

	// A member is added; another one, whom the mock knows, logs in.
	customer := client.NewMemberPost("zoe@example.com")
	customer.SetFirstName("Zoë")
	customer.SetBirthDate("1990-05-17")
	person := *client.NewMemberPostRequest(*customer)
	member := must(api.MemberAPI.MemberPost(ctx, store).MemberPostRequest(person).Execute())
	login := client.MemberCredentials{Username: "member", Password: "password"}
	session := must(api.AuthorizationAPI.MemberLoginCheck(ctx, store).MemberCredentials(login).Execute())
	fmt.Printf("%s, a token of %d parts\n", member.Email, len(strings.Split(session.Token, ".")))

	// The member buys something.
	header := client.NewTransactionHeader("INV-1", "2026-01-16T17:05:00+00:00")
	header.SetDocumentType("sell")
	item := client.NewTransactionItem("MUG", "Mug", "tableware", 19.99)
	item.SetHighPrecisionQuantity(1)
	purchase := client.NewTransactionPost([]client.TransactionItem{*item}, *header)
	purchase.SetCustomerData(client.TransactionCustomerData{CustomerId: &member.CustomerId})
	receipt := *client.NewTransactionPostRequest(*purchase)
	transaction := must(api.TransactionsAPI.TransactionPost(ctx, store).TransactionPostRequest(receipt).Execute())
	fmt.Printf("a transaction with an id of %d characters\n", len(transaction.TransactionId))

	// The subscription is in the list. Its key is replaced.
	rows := must(subscriptions.WebhookSubscriptionGetList(ctx, store).ItemsOnPage(1).EventNameEq("TransactionRegistered").Execute())
	for _, row := range rows.Items {
		fmt.Printf("%s since %s\n", row.EventName, row.CreatedAt.Format("2006-01-02"))
	}
	id := created.WebhookSubscriptionId
	rotated := must(subscriptions.WebhookSubscriptionRotateHmacKey(ctx, store, id).Execute())
	fmt.Printf("a new key of %d characters\n", len(rotated.HmacSecretKey))

	// The session is renewed, and the subscription ends.
	renewal := client.RefreshToken{RefreshToken: admin.RefreshToken}
	renewed := must(api.AuthorizationAPI.TokenRefresh(ctx).RefreshToken(renewal).Execute())
	if _, err := subscriptions.WebhookSubscriptionDelete(ctx, store, id).Execute(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Printf("a new token of %d parts\n", len(strings.Split(renewed.Token, ".")))

	// The same member again is refused, and the error says where.
	_, _, err := api.MemberAPI.MemberPost(ctx, store).MemberPostRequest(person).Execute()
	var refused *client.GenericOpenAPIError
	if errors.As(err, &refused) {
		if problem, ok := refused.Model().(client.BadRequest); ok { // glue
			for _, one := range problem.Errors {
				fmt.Printf("%d %s: %s\n", problem.Code, one.Path, one.Message)
			}
		}
	}
}
