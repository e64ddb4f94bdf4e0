using Pipeline.Schemas;

namespace Pipeline.Tests.Unit.Schemas;

public sealed class TopicsTests
{
    [Fact]
    public void Topics_with_one_key_have_one_number_of_partitions() =>
        Assert.All(Topics.All.GroupBy(t => t.Key), group => Assert.Single(group.Select(t => t.Partitions).Distinct()));

    [Fact]
    public void Names_are_unique() => Assert.Equal(Topics.All.Count, Topics.All.Select(t => t.Name).Distinct().Count());

    [Fact]
    public void The_readme_lists_the_catalogue_as_it_is()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "schemas", "README.md"));
        Assert.All(Topics.All, t => Assert.Contains(Row(t), readme, StringComparison.Ordinal));
    }

    private static string Row(TopicSpec t) =>
        $"| `{t.Name}` | {t.Key} | {t.Partitions} | {Kept(t)} | {(t.Compacted ? "yes" : "no")} | `{t.ValueType}` | {t.Description} |";

    private static string Kept(TopicSpec t) => t.Retention switch
    {
        null => "for ever",
        { TotalDays: >= 1 } kept => $"{kept.TotalDays} d",
        { } kept => $"{kept.TotalHours} h",
    };
}
