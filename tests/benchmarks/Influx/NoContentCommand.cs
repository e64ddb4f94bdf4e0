using System.CommandLine;

namespace Pipeline.Tests.Benchmarks.Influx;

/// <summary><c>influx-204</c>: the server that <c>influx</c> sends to, in a process of its own; prints its URL.</summary>
internal static class NoContentCommand
{
    public static Command Create()
    {
        Command command = new("influx-204", "A server that answers 204 to everything, for influx.") { Hidden = true };
        command.SetAction(async (_, cancel) =>
        {
            using NoContentServer server = new();
            Console.WriteLine(server.Url);
            await server.RunAsync(cancel);
        });
        return command;
    }
}
