using System;
using System.Collections.Generic;
using System.IO;

// Judges the requests in the folders that it is given, by the class of the guide beside it: a line for each.
public static class Program
{
    public static void Main(string[] folders)
    {
        foreach (var folder in folders)
        {
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var line in File.ReadAllLines(Path.Combine(folder, "headers")))
            {
                headers[line.Split(new[] { ": " }, StringSplitOptions.None)[0]] = line.Substring(line.IndexOf(": ") + 2);
            }
            var secret = File.ReadAllText(Path.Combine(folder, "secret"));
            var url = File.ReadAllText(Path.Combine(folder, "url"));
            var body = File.ReadAllBytes(Path.Combine(folder, "body"));
            Func<string, string> header = name => headers.TryGetValue(name, out var value) ? value : null;
            Console.WriteLine(WebhookSignature.IsAuthentic(secret, url, header, body) ? "authentic" : "refused");
        }
    }
}
