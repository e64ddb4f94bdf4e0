using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using Pipeline.Infra.Telemetry;

namespace Pipeline.Infra.CommandLine;

/// <summary>
/// Runs a program's commands. Every option may also be given as an environment variable: <c>--close-delay</c> is
/// <c>PIPELINE_CLOSE_DELAY</c> (an option may name another, see <see cref="CommonOptions"/>); the command line wins.
/// A wrong option ends with exit code 2, what a user can mend with 1 (anything else is a defect and shows itself whole), SIGINT and SIGTERM cancel the command, which then ends with 0.
/// </summary>
public static class Application
{
    private const int ExitFailure = 1, ExitUsage = 2;

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        Describe(root);
        ParseResult parsed;
        try
        {
            parsed = root.Parse(WithEnvironment(root, args));
        }
        catch (InvalidOperationException e)
        {
            // A command that checks its options together looked at one that cannot be read; the message is that option's.
            return await RefuseAsync([e.Message], root);
        }
        string[] errors = [.. parsed.Errors.Select(Message), .. FilesForFolders(parsed)];
        if (errors.Length > 0) return await RefuseAsync(errors, parsed.CommandResult.Command);
        using TelemetryExport? export = TelemetryExport.Start(root.Name);
        using CancellationTokenSource stop = new();
        using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (UserException e)
        {
            await Console.Error.WriteLineAsync("error: " + e.Message);
            return ExitFailure;
        }

        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>The environment variable that stands for an option.</summary>
    public static string VariableOf(Option option) =>
        CommonOptions.Variables.TryGetValue(option.Name, out string? name)
            ? name
            : "PIPELINE_" + option.Name.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    private static string[] WithEnvironment(RootCommand root, string[] args)
    {
        ParseResult parsed = root.Parse(args);
        List<string> all = [.. args];
        // A verb's own options only: those of a program that also runs without a verb mean nothing to it.
        foreach (Option option in parsed.CommandResult.Command.Options)
        {
            if (IsBuiltIn(option) || parsed.GetResult(option) is { Implicit: false }) continue;
            if (Environment.GetEnvironmentVariable(VariableOf(option)) is not { Length: > 0 } value) continue;
            if (option.Arity.MaximumNumberOfValues == 0)
            {
                if (value is "1" or "true") all.Add(option.Name);
            }
            else
            {
                all.Add(option.Name);
                all.Add(value);
            }
        }
        return [.. all];
    }

    private static async Task<int> RefuseAsync(IEnumerable<string> errors, Command command)
    {
        foreach (string error in errors) await Console.Error.WriteLineAsync("error: " + error);
        await Console.Error.WriteLineAsync($"'{Path(command)} --help' lists the options.");
        return ExitUsage;
    }

    /// <summary>The library's message of a folder or file that is not there does not say which option it is of.</summary>
    private static string Message(ParseError error) =>
        error.SymbolResult is OptionResult { Option.Name: { } name } && !error.Message.Contains(name, StringComparison.Ordinal) ? $"{name}: {error.Message}" : error.Message;

    /// <summary>A folder that is to be written at the end is better found to be a file at the beginning.</summary>
    private static IEnumerable<string> FilesForFolders(ParseResult parsed) =>
        from option in parsed.CommandResult.Command.Options
        where option.ValueType.IsAssignableTo(typeof(DirectoryInfo)) || option.ValueType == typeof(DirectoryInfo[])
        from token in parsed.GetResult(option)?.Tokens ?? []
        where File.Exists(token.Value)
        select $"{option.Name}: '{token.Value}' is a file; a folder is wanted";

    private static void Describe(Command command)
    {
        foreach (Option option in command.Options)
            if (!IsBuiltIn(option)) option.Description += $" [env: {VariableOf(option)}]";
        foreach (Command sub in command.Subcommands) Describe(sub);
    }

    private static bool IsBuiltIn(Option option) => option.GetType().Namespace!.StartsWith("System.CommandLine", StringComparison.Ordinal) && !option.GetType().IsGenericType;

    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? Path(parent) + " " + command.Name : command.Name;
}
