using System.CommandLine;

namespace Pipeline.Processors.TimeAware;

/// <summary>The verb <c>advise</c>: when and where is there room, and when to scale.</summary>
internal static class AdviseCommand
{
    public static Command Create() => new("advise", "Says when and where there is room, and when to scale.") { BacktestCommand.Create() };
}
