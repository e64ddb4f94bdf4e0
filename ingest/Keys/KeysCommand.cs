using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;
using Pipeline.Schemas.Signing;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Keys;

/// <summary><c>ingest keys</c>: keys that reports are signed with.</summary>
internal static class KeysCommand
{
    private static readonly Option<string> Cell = new("--cell") { Description = "The cell", Required = true };
    private static readonly Option<string> Vm = new("--vm") { Description = "The VM whose key it is", Required = true };
    private static readonly Option<FileInfo> Secrets = new("--secrets") { Description = "File of the cell's secrets, name=base64 of 32 bytes a line", HelpName = "FILE", Required = true };
    private static readonly Option<FileInfo> Out = new("--out") { Description = "File that the VM's key is written to; it must not be there yet", HelpName = "FILE", Required = true };
    private static readonly Option<string> Key = new("--key") { Description = "Name of the secret", HelpName = "NAME", Required = true };
    private static readonly Option<string[]> Keys = new("--key") { Description = "The cell's keys: NAME, valid from now on, or NAME@FROM..UNTIL with times as 7d from now or 2026-12-01T00:00Z; either may be left out", HelpName = "NAME[@FROM..UNTIL]...", AllowMultipleArgumentsPerToken = true, Required = true };
    private static readonly Option<TimeSpan> RequiredIn = CommonOptions.Duration("--required-in", "From this time on reports have to be signed; time enough for every agent to have its key", TimeSpan.FromMinutes(5));
    private static readonly Option<bool> Optional = new("--not-required") { Description = "Reports need not be signed any more" };
    private static readonly Option<TimeSpan> ReplayWindow = CommonOptions.Duration("--replay-window", "Reports that are older when they arrive are refused; longer than agents keep them", TimeSpan.FromDays(2));
    private static readonly ServiceOptions Service = new();

    public static Command Create()
    {
        Command derive = new("derive", "Writes the key of one VM into a file, for the agent's --sign-key.");
        foreach (Option option in (Option[])[Secrets, Key, Cell, Vm, Out]) derive.Add(option);
        derive.SetAction(Derive);
        Command publish = new("publish", "Says on agent.keys which keys a cell's reports are signed with, and from when on they have to be.");
        foreach (Option option in (Option[])[Cell, Keys, RequiredIn, Optional, ReplayWindow]) publish.Add(option);
        Service.AddConnectionTo(publish);
        publish.SetAction(PublishAsync);
        return new Command("keys", "Keys that reports are signed with.") { derive, publish };
    }

    private static void Derive(ParseResult parsed)
    {
        string key = parsed.GetValue(Key)!;
        FileInfo file = parsed.GetValue(Secrets)!;
        byte[] secret = SecretFile.Read(file, SigningKey.Bytes).FirstOrDefault(s => s.Key == key).Value ?? throw new UserException($"{file.FullName} has no secret '{key}'");
        SigningKey derived = ReportSignature.KeyOf(key, secret, Name("--cell", parsed.GetValue(Cell)!), Name("--vm", parsed.GetValue(Vm)!));
        SecretFile.Write(parsed.GetValue(Out)!, key, derived.Export());
    }

    private static async Task PublishAsync(ParseResult parsed, CancellationToken cancel)
    {
        KafkaConnection kafka = Service.Connection(parsed);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        long from = (now + parsed.GetValue(RequiredIn)).ToUnixTimeMilliseconds();
        CellKeys keys = new()
        {
            Cell = Name("--cell", parsed.GetValue(Cell)!),
            RequiredFromUnixMs = parsed.GetValue(Optional) ? 0 : from,
            ReplayWindowMs = (long)parsed.GetValue(ReplayWindow).TotalMilliseconds,
        };
        foreach (string key in parsed.GetValue(Keys)!) keys.Keys.Add(KeyValidity.Parse(key, now));
        if (AgentValidator.Check(keys, new RecordContext(keys.Cell, from)) is { } wrong) throw new UserException(wrong);
        await TopicSetup.EnsureAsync(kafka, cancel);
        await TopicPublisher.PublishAsync(kafka, Topics.AgentKeys, [(keys.Cell, keys)], cancel);
    }

    private static string Name(string option, string value) => Bounds.Name(option, value) is { } wrong ? throw new UserException(wrong) : value;
}
