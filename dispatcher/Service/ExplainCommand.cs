using System.CommandLine;
using Microsoft.Extensions.Logging;
using Pipeline.Dispatcher.Decisions;
using Pipeline.Infra.CommandLine;
using Pipeline.Infra.Kafka;
using Pipeline.Infra.Streaming;
using Pipeline.Schemas;

namespace Pipeline.Dispatcher.Service;

/// <summary><c>dispatcher explain</c>.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        ServiceOptions service = new();
        Argument<string> invocation = new("INVOCATION") { Description = "Id of the invocation" };
        Command command = new("explain", "Prints why a call went where it went, from its record in function.dispatches.");
        service.AddConnectionTo(command);
        command.Add(invocation);
        command.SetAction((parsed, cancel) =>
        {
            using ILoggerFactory log = Log.ToConsole();
            using IPartitionReader reader = new ConfluentClients(service.Connection(parsed), log).OpenReader();
            string id = parsed.GetValue(invocation)!;
            List<Dispatch> found = [.. FindAll(reader, id, cancel).OrderBy(d => d.Attempt).ThenBy(d => d.TimeUnixMs)];
            if (found.Count == 0) throw new UserException($"{Topics.FunctionDispatches} has no answer to invocation '{id}' (answers are kept for {Topics.FunctionDispatches.Retention!.Value.TotalDays} days)");
            Console.Write(string.Join('\n', found.Select(DecisionText.Of)));
            return Task.CompletedTask;
        });
        return command;
    }

    /// <summary>The answers to an invocation, one for each attempt, from the whole topic as it is now.</summary>
    internal static IEnumerable<Dispatch> FindAll(IPartitionReader reader, string invocation, CancellationToken cancel)
    {
        foreach (StreamRecord record in TopicContents.Read(reader, Topics.FunctionDispatches.Name, null, cancel))
            if (record.TryRead(Topics.FunctionDispatches, DiscardOutput.Instance, out Dispatch dispatch) && dispatch.InvocationId == invocation) yield return dispatch;
    }
}
