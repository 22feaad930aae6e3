<?php
// Judges the requests in the folders that it is given, by the function of the guide beside it: a line for each.
declare(strict_types=1);

eval(file_get_contents(__DIR__ . '/verification.php'));

foreach (array_slice($argv, 1) as $folder) {
    $headers = [];
    foreach (file("$folder/headers", FILE_IGNORE_NEW_LINES) as $line) {
        [$name, $value] = explode(': ', $line);
        $headers[$name] = $value;
    }
    [$secret, $url, $body] = array_map(fn ($name) => file_get_contents("$folder/$name"), ['secret', 'url', 'body']);
    echo isAuthentic($secret, $url, $headers, $body) ? "authentic\n" : "refused\n";
}
