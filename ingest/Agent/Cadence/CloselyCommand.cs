using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Agent.Cadence;

/// <summary><c>ingest closely</c>: asks the agent of a VM to report at its shortest interval for a while.</summary>
internal static class CloselyCommand
{
    private static readonly Option<string> Vm = new("--vm") { Description = "The VM", Required = true };
    private static readonly Option<TimeSpan> For = CommonOptions.Duration("--for", "For how long", TimeSpan.FromHours(1));
    private static readonly ServiceOptions Service = new();

    public static Command Create()
    {
        Command command = new("closely", "Asks the agent of a VM to report at its shortest interval for a while.") { Vm, For };
        Service.AddConnectionTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        string vm = parsed.GetValue(Vm)!;
        if (Bounds.Name("--vm", vm) is { } wrong) throw new UserException(wrong);
        KafkaConnection kafka = Service.Connection(parsed);
        DateTimeOffset until = TimeProvider.System.GetUtcNow() + parsed.GetValue(For);
        ReportingCommand command = new() { Vm = vm, CloselyUntilUnixMs = until.ToUnixTimeMilliseconds() };
        await TopicSetup.EnsureAsync(kafka, cancel);
        await TopicPublisher.PublishAsync(kafka, Topics.AgentCommands, [(vm, command)], cancel);
        Console.WriteLine($"asked {vm} to report at its shortest interval until {until:yyyy-MM-dd HH:mm:ss}Z");
    }
}
