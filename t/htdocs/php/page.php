<?php
/* SPDX-License-Identifier: Apache-2.0 */
/* A page of `n` pictures, which says in its title how many came. */
$n = (int) ($_GET['n'] ?? 50);
?>
<!doctype html>
<title>loading</title>
<body>
<?php for ($i = 0; $i < $n; $i++): ?>
<img src="picture.php?n=<?= $i ?>&amp;t=<?= hrtime(true) ?>" alt="">
<?php endfor ?>
<script>
onload = () => {
    const all = [...document.images];
    const good = all.filter((i) => i.complete && i.naturalWidth == 48);
    document.title = `${good.length} of ${all.length} pictures`;
};
</script>
</body>
