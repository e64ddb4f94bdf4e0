using System.CommandLine;
using Pipeline.Infra.CommandLine;
using Pipeline.Schemas.Validation;

namespace Pipeline.Ingest.Bridge;

/// <summary>Options that say how foreign records are read.</summary>
internal sealed class BridgeCommandOptions
{
    private readonly Option<string> from = new("--from") { Description = "What the agents send: " + string.Join(", ", AgentFormats.All), HelpName = "FORMAT", DefaultValueFactory = _ => AgentFormats.NameOf(AgentFormat.Auto) };
    private readonly Option<string> cell = new("--cell") { Description = "Cell of VMs that do not say", HelpName = "NAME", DefaultValueFactory = _ => new BridgeOptions().Cell };
    private readonly Option<string> cellAttribute = new("--cell-attribute") { Description = "Attribute of the resource, or tag, that holds the cell, for example cloud.availability_zone", HelpName = "NAME", DefaultValueFactory = _ => "" };
    private readonly Option<string> prefix = new("--graphite-prefix") { Description = "What Graphite's paths begin with, before the host", HelpName = "TEXT", DefaultValueFactory = _ => new BridgeOptions().GraphitePrefix };
    private readonly Option<int> merge = CommonOptions.Int("--merge", "Milliseconds: points of one machine that are no further apart belong to one report", (int)new BridgeOptions().Merge.TotalMilliseconds, 0, 3_600_000);

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[from, cell, cellAttribute, prefix, merge]) command.Add(option);
    }

    /// <exception cref="UserException">One of them is wrong.</exception>
    public BridgeOptions Read(ParseResult parsed)
    {
        if (AgentFormats.Parse(parsed.GetValue(from)!) is not { } format)
            throw new UserException($"--from is '{parsed.GetValue(from)}'; one of {string.Join(", ", AgentFormats.All)} is wanted");
        if (Bounds.Name("--cell", parsed.GetValue(cell)!) is { } wrong) throw new UserException(wrong);
        return new BridgeOptions
        {
            Format = format,
            Cell = parsed.GetValue(cell)!,
            CellAttribute = parsed.GetValue(cellAttribute)!,
            GraphitePrefix = parsed.GetValue(prefix)!,
            Merge = TimeSpan.FromMilliseconds(parsed.GetValue(merge)),
        };
    }
}
