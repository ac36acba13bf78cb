<?php
declare(strict_types=1);

namespace Restock\Widget\ViewModel;

use Magento\Catalog\Helper\Data as Catalog;
use Magento\Catalog\Helper\Image;
use Magento\Catalog\Model\Product as CatalogProduct;
use Magento\Catalog\Model\Product\Attribute\Source\Status;
use Magento\CatalogInventory\Model\ResourceModel\Stock\Status as Stock;
use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\View\Element\Block\ArgumentInterface;
use Magento\Store\Model\ScopeInterface;

/**
 * The product of the page as the widget is told of it. What is sold out cannot be clicked in Luma's swatches, so the
 * widget offers these variants itself.
 */
class Product implements ArgumentInterface
{
    private Catalog $catalog;
    private Image $image;
    private ScopeConfigInterface $config;
    private Stock $stock;

    public function __construct(Catalog $catalog, Image $image, ScopeConfigInterface $config, Stock $stock)
    {
        $this->catalog = $catalog;
        $this->image = $image;
        $this->config = $config;
        $this->stock = $stock;
    }

    /** Where the widget comes from; '' until the owner has said it. */
    public function scriptUrl(): string
    {
        $edge = rtrim($this->setting('edge'), '/');
        $source = $this->setting('source');
        return $edge === '' || $source === '' ? '' : $edge . '/widget/' . rawurlencode($source) . '.js';
    }

    /** The product as JSON that may stand in a script element; '' where there is no product or no configuration. */
    public function json(): string
    {
        $product = $this->catalog->getProduct();
        if ($product === null || $this->scriptUrl() === '') {
            return '';
        }
        return (string)json_encode(
            [
                'product' => (string)$product->getId(),
                'title' => (string)$product->getName(),
                'image' => $this->picture($product),
                'variants' => (object)$this->variants($product),
            ],
            JSON_HEX_TAG | JSON_HEX_AMP | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR
        );
    }

    private function setting(string $name): string
    {
        return trim((string)$this->config->getValue('restock/widget/' . $name, ScopeInterface::SCOPE_STORE));
    }

    private function picture(CatalogProduct $product): string
    {
        return (string)$this->image->init($product, 'product_small_image')->getUrl();
    }

    /** Variants by id: a configurable product's simple ones, else the product itself. */
    private function variants(CatalogProduct $product): array
    {
        if ($product->getTypeId() !== 'configurable') {
            return [(string)$product->getId() => ['available' => (bool)$product->isSalable(), 'title' => '']];
        }
        $attributes = $product->getTypeInstance()->getConfigurableAttributes($product);
        $variants = [];
        foreach ($this->simples($product, $attributes) as $simple) {
            $variants[(string)$simple->getId()] = [
                'available' => (bool)$simple->isSalable(),
                'title' => $this->choice($simple, $attributes),
            ];
        }
        return $variants;
    }

    /**
     * All enabled simple products of a configurable one. getUsedProducts would leave out what is sold out unless the shop
     * displays it, which is not Magento's default: the flag says that stock is seen to, and here it is read without filtering.
     */
    private function simples(CatalogProduct $product, iterable $attributes): iterable
    {
        $all = $product->getTypeInstance()->getUsedProductCollection($product);
        $all->setFlag('has_stock_status_filter', true);
        $this->stock->addStockDataToCollection($all, false);
        $all->addAttributeToFilter('status', Status::STATUS_ENABLED);
        $all->addFilterByRequiredOptions();
        foreach ($attributes as $attribute) {
            $all->addAttributeToSelect($attribute->getProductAttribute()->getAttributeCode());
        }
        return $all;
    }

    /** What tells a simple product from its siblings: "Black / M". */
    private function choice(CatalogProduct $simple, iterable $attributes): string
    {
        $values = [];
        foreach ($attributes as $attribute) {
            $values[] = (string)$simple->getAttributeText($attribute->getProductAttribute()->getAttributeCode());
        }
        return implode(' / ', array_filter($values, static fn (string $v): bool => $v !== ''));
    }
}
