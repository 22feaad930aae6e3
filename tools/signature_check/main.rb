# Judges the requests in the folders that it is given, by the method of the guide beside it: a line for each.
require_relative "verification"

ARGV.each do |folder|
  secret, url, lines = %w[secret url headers].map { |name| File.read("#{folder}/#{name}", encoding: "UTF-8") }
  headers = lines.lines(chomp: true).to_h { |line| line.split(": ", 2) }
  puts authentic?(secret, url, headers, File.binread("#{folder}/body")) ? "authentic" : "refused"
end
